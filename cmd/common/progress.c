/*
 * --progress: one line on the terminal that is written over, from the first second on. It lives
 * beside all other messages, so each of those wipes it first.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/tool.h"

static const double BEGIN_S = 1, EVERY_S = 0.2;

static bool shown; /* a line stands on the terminal */

static double clock_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Bytes of all inputs, 0 where somebody else decides: a pipe, a folder. */
static uint64_t size_of_inputs(const struct tool *t)
{
	uint64_t sum = 0;

	for (int i = 0; i < (t->nfile ? t->nfile : 1); i++) {
		bool standard = !t->nfile || strcmp(t->file[i], "-") == 0;
		struct stat st;

		if ((standard ? fstat(0, &st) : stat(t->file[i], &st)) < 0 || !S_ISREG(st.st_mode))
			return 0;
		sum += (uint64_t)st.st_size;
	}
	return sum;
}

static int put_bytes(char *out, size_t room, double n)
{
	static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	int i = 0;

	for (; n >= 1024 && i < 4; i++)
		n /= 1024;
	return snprintf(out, room, i ? "%.1f %s" : "%.0f %s", n, unit[i]);
}

static void show(const struct tool *t, const struct tool_progress *p, double elapsed)
{
	char done[32], all[32], rate[32], line[192];
	double speed = (double)p->bytes / elapsed;
	int n;

	put_bytes(done, sizeof(done), (double)p->bytes);
	put_bytes(rate, sizeof(rate), speed);
	put_bytes(all, sizeof(all), (double)p->total);
	if (p->total > p->bytes) {
		long left = (long)((double)(p->total - p->bytes) / speed + 0.5);

		n = snprintf(line, sizeof(line), _("%s of %s, %s/s, %ld:%02ld left"), done, all, rate, left / 60, left % 60);
	} else {
		n = snprintf(line, sizeof(line), _("%s, %s/s"), done, rate);
	}
	/* A line that cannot be shown is no reason to fail. */
	shown = n > 0 && dprintf(2, "\r%s: %s\033[K", t->name, line) > 0;
}

void tool_progress_take(struct tool *t, uint64_t bytes)
{
	struct tool_progress *p = &t->progress;
	double now = clock_s();

	if (p->begun == 0) {
		p->begun = now;
		p->last = now + BEGIN_S - EVERY_S;
		p->terminal = isatty(2);
		p->total = size_of_inputs(t);
	}
	p->bytes += bytes;
	if (!p->terminal || now - p->last < EVERY_S)
		return;
	p->last = now;
	show(t, p, now - p->begun);
}

void tool_progress_wipe(void)
{
	if (shown)
		shown = dprintf(2, "\r\033[K") < 0;
}
