/* The same job for each of n things, on several threads. */
#ifndef CORE_EACH_H
#define CORE_EACH_H

#include <stddef.h>

enum { QUN_EACH_THREADS = 256 }; /* at most */

/*
 * Calls job for 0 … n - 1, each once, from up to `threads` threads, the caller's among them; worker
 * tells them apart, from 0. After a failure no other job begins, and its code is returned (one of
 * them). Where a thread cannot be had the others do its work.
 */
int qun_each(size_t n, int threads, int (*job)(void *arg, size_t i, int worker), void *arg);

#endif
