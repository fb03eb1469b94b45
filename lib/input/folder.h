/* A path as the files it stands for. */
#ifndef QUN_INPUT_FOLDER_H
#define QUN_INPUT_FOLDER_H

#include "qun/err.h"

/*
 * Calls each for a file, or for the exports below a folder in order of their names as bytes: files
 * that end in csv tsv txt log json jsonl ndjson, packed or not. Stops at the first non-zero return.
 */
int qun_folder_each(const char *path, int (*each)(void *arg, const char *path, struct qun_err *err), void *arg,
	struct qun_err *err);

#endif
