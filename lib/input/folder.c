/* Folders: exports come as one file a day or a chunk; pictures and the like beside them are not read. */
#include "input/folder.h"

#include "qun/bytes.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 8 }; /* links may lead in circles */

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool is_export(const char *name)
{
	static const char *const endings[] = {".csv", ".tsv", ".txt", ".log", ".json", ".jsonl", ".ndjson"};
	struct qun_span s = qun_span_of(name);

	if (qun_span_ends(s, ".gz"))
		s.len -= 3;
	else if (qun_span_ends(s, ".zst"))
		s.len -= 4;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		if (qun_span_ends(s, endings[i]))
			return true;
	}
	return false;
}

/* Who is who and what the other files are: these are read first of all. */
static const char people[] = "users.json", parts[] = "manifest.json";

/* Slack writes lists beside the channels' folders. */
static bool is_beside(const char *name)
{
	static const char *const names[] = {people, parts, "channels.json", "groups.json", "dms.json", "mpims.json",
		"integration_logs.json", "canvases.json", "huddle_transcripts.json"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

struct walk {
	int (*each)(void *arg, const char *path, struct qun_err *err);
	void *arg;
	struct qun_err *err;
	int depth;
	size_t files;
};

static int walk_path(struct walk *w, const char *path);

static int walk_entry(struct walk *w, const char *folder, const char *name)
{
	struct qun_buf path = {0};
	struct stat st;
	int rc = qun_buf_printf(&path, "%s%s%s", folder, qun_span_ends(qun_span_of(folder), "/") ? "" : "/", name);

	if (rc == 0)
		rc = qun_buf_add_char(&path, '\0');
	if (rc < 0)
		rc = qun_fail_mem(w->err);
	else if (stat(path.ptr, &st) == 0 && (S_ISDIR(st.st_mode) || (S_ISREG(st.st_mode) && is_export(name))))
		rc = walk_path(w, path.ptr);
	qun_buf_release(&path);
	return rc;
}

static int walk_folder(struct walk *w, const char *folder)
{
	struct dirent **entry;
	int n, rc = 0;

	if (w->depth == DEPTH_MAX)
		return qun_fail(w->err, QUN_EDATA, "%.200s: folders too deep in one another", folder);
	n = scandir(folder, &entry, not_hidden, by_bytes);
	if (n < 0)
		return qun_fail_sys(w->err, "%.200s: cannot read the folder", folder);
	w->depth++;
	for (int i = 0; rc == 0 && i < n; i++) {
		if (strcmp(entry[i]->d_name, people) == 0 || strcmp(entry[i]->d_name, parts) == 0)
			rc = walk_entry(w, folder, entry[i]->d_name);
	}
	for (int i = 0; i < n; i++) {
		if (rc == 0 && !is_beside(entry[i]->d_name))
			rc = walk_entry(w, folder, entry[i]->d_name);
		free(entry[i]);
	}
	w->depth--;
	free(entry);
	return rc;
}

static int walk_path(struct walk *w, const char *path)
{
	struct stat st;

	if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return walk_folder(w, path);
	w->files++;
	return w->each(w->arg, path, w->err);
}

int qun_folder_each(const char *path, int (*each)(void *arg, const char *path, struct qun_err *err), void *arg,
	struct qun_err *err)
{
	struct walk w = {each, arg, err, 0, 0};
	int rc = walk_path(&w, path);

	if (rc == 0 && !w.files)
		rc = qun_fail(err, QUN_EDATA,
			"%.200s: the folder holds no export (a file ending in csv, json, ndjson, txt or log)", path);
	return rc;
}
