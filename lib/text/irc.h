/* IRC logs: what the lines of all clients have in common once time and marks are off. */
#ifndef QUN_TEXT_IRC_H
#define QUN_TEXT_IRC_H

#include "qun/format.h"

/* A nick without what it was shown with: blanks and the marks of rank (@ + % & ~ !). */
struct qun_span qun_irc_nick(struct qun_span s);
/*
 * Emits what a notice says: "nick [mask] has joined #c", "has left", "has quit", "was kicked from #c
 * by op", "op has kicked nick", and for bots "Joins: nick (mask)"; all else is type system.
 */
int qun_irc_notice(struct qun_hook *hook, struct qun_event *ev, struct qun_span text);
int qun_irc_said(struct qun_hook *hook, struct qun_event *ev, struct qun_span nick, struct qun_span text);
/* The channel that a log's file or folder is named after (#yunduo.log, #yunduo/2026-03-02.log). */
struct qun_span qun_irc_channel(const char *file);

#endif
