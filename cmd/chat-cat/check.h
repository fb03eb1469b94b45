/* What the parts of the report on an input share: see check.c. */
#ifndef CMD_CHAT_CAT_CHECK_H
#define CMD_CHAT_CAT_CHECK_H

#include "chat-cat/cat.h"

typedef unsigned long long ull;

/* Numbers of a dictionary in the order of their texts, malloc'd; NULL: no memory. */
uint32_t *check_in_order(const struct qun_dict *d);

/* What a program can say: no, partly or yes, and why; in English, to be translated for people. */
struct check_verdict {
	const char *program, *answer, *why;
};

/* Of the i-th program; false: there are no more. */
bool check_judge(const struct check *c, size_t i, struct check_verdict *out);
/* Of what an input lacks or hides, what its reader should know; people are told in their language. */
void check_each_remark(const struct tool *t, const struct check *c, bool people,
	void (*put)(struct qun_buf *out, const char *text), struct qun_buf *out);

/* The two reports; text: 0 or negative. */
int check_text(const struct tool *t, struct check *c, struct qun_buf *out);
void check_json(const struct tool *t, const struct check *c, struct qun_buf *out);

#endif
