/*
 * Text logs: an entry begins at a line with a time and goes on over the lines without one. What it
 * says is known when the next begins.
 */
#ifndef QUN_TEXT_ENTRY_H
#define QUN_TEXT_ENTRY_H

#include "qun/format.h"

/* The entry in hand; memory of a format, all-zero at first. */
struct qun_entry {
	bool open, lost; /* lost: the entry was bad, so the lines that follow are of no interest */
	int64_t ts;
	uint64_t place; /* of its first line, as of struct qun_event */
	struct qun_buf group, user, text; /* user empty: a notice */
};

/* Emits the finished entry. */
typedef int qun_entry_finish(struct qun_hook *hook, struct qun_entry *log);

/* The entry before this line, which may begin another one, is finished. */
int qun_entry_close(struct qun_hook *hook, struct qun_entry *log, qun_entry_finish *finish);
/* An entry begins. */
int qun_entry_open(struct qun_entry *log, int64_t ts, struct qun_span group, struct qun_span user, struct qun_span text);
/* A line that continues the entry; without one it is a bad record, unless it is blank. */
int qun_entry_more(struct qun_hook *hook, struct qun_entry *log, struct qun_span line);
/* A line that belongs to no entry and says nothing: a heading, a rule. */
void qun_entry_skip(struct qun_hook *hook);
/* The line begins an entry whose time cannot be read. */
int qun_entry_bad_time(struct qun_hook *hook, struct qun_entry *log, struct qun_span time);
/* An event of the entry, of type message and without id. */
struct qun_event qun_entry_event(const struct qun_entry *log);
void qun_entry_release(struct qun_entry *log);

/* s without the marks of direction, joiners and byte order that phones put at its start. */
struct qun_span qun_entry_unmark(struct qun_span s);
/* A name without them at either end. */
struct qun_span qun_entry_name(struct qun_span s);

#endif
