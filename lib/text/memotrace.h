/* The two layouts that share MemoTrace's legacy header of 12 names. */
#ifndef QUN_TEXT_MEMOTRACE_H
#define QUN_TEXT_MEMOTRACE_H

#include "qun/format.h"

/* 0: not this header; 1: one chat, Sender is an id; 2: all chats, Sender is a name. */
int qun_memotrace_layout(const struct qun_sample *s);

#endif
