/* The parts of chat-cat: what it was asked for, and the report on an input. */
#ifndef CMD_CHAT_CAT_CAT_H
#define CMD_CHAT_CAT_CAT_H

#include "common/tool.h"
#include "qun/facts.h"
#include "qun/stream.h"

/* What one file was, as far as the report tells it; texts live in the check's arena. */
struct check_file {
	struct qun_found found;
	bool opened, closed, failed;
	struct qun_closed came;
	const char *why; /* failed: the message */
};

struct check {
	struct check_file *file;
	size_t n, cap;
	struct qun_arena text;
	struct qun_facts facts;
	bool out_of_memory;
};

struct cat {
	/* options */
	bool check_only, list_formats, sort_time, drop_text;
	const char *keyfile;
	int64_t buffer; /* MiB */
	/* the run */
	const char *form; /* csv tsv json ndjson chatlab table markdown */
	struct qun_stream_style style;
	struct qun_spool *spool; /* NULL: events are written as they come */
	struct qun_mask *mask;
	struct qun_chatlab *lab;
	struct qun_table table;
	struct qun_buf out, cell;
	struct check check;
	struct qun_err err;
	uint64_t written;
	bool begun;
	int status; /* of a write that failed */
};

extern const struct qun_option tool_chat_cat_rows[];
extern const char *const tool_chat_cat_examples[];
extern const char tool_chat_cat_brief[];

/* check.c: what the callbacks keep, and the report: 0 or an exit status. */
void check_opened(struct check *c, const struct qun_found *found);
void check_closed(struct check *c, const struct qun_closed *closed);
void check_failed(struct check *c, const char *file, const struct qun_err *err);
int check_print(struct tool *t, struct check *c);
void check_release(struct check *c);

#endif
