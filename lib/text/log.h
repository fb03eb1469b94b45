/* Text logs: the message in hand, gathered from its lines until the next one begins. */
#ifndef QUN_TEXT_LOG_H
#define QUN_TEXT_LOG_H

#include "qun/format.h"

/* Part of a format's memory, all-zero at first. */
struct qun_log {
	struct qun_event ev; /* what the hook was given at the first line */
	struct qun_buf user, name, text;
	bool open;  /* a message is in hand */
	bool lost;  /* its beginning was bad: the lines that follow belong to nothing */
	bool blank; /* the line before was empty */
	bool begun; /* there was a line before */
};

/* A message begins; everything is copied. */
int qun_log_begin(struct qun_log *log, const struct qun_event *ev, int64_t ts, struct qun_span user,
	struct qun_span name, struct qun_span text);
/* A further line of the message; nothing happens where none is in hand. */
int qun_log_line(struct qun_hook *hook, struct qun_log *log, struct qun_span line);
/* Takes the message out of hand, without line ends behind its text; false where there is none. */
bool qun_log_take(struct qun_log *log, struct qun_event *ev);
void qun_log_release(struct qun_log *log);

/* Does this line stand behind an empty one, or at the very beginning? Call it once a line. */
bool qun_log_after_blank(struct qun_log *log, struct qun_span line);
/* The time that a line begins with (2026-03-02 9:00[:01]) and, trimmed, what follows; empty: none. */
struct qun_span qun_log_stamp(struct qun_span line, struct qun_span *rest);

#endif
