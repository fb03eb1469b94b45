/* What the parts of the generator share: what was asked for, random numbers, outputs, people and events. */
#ifndef TESTS_BENCH_GEN_H
#define TESTS_BENCH_GEN_H

#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CSV, QUOTED, NDJSON, TELEGRAM, HISTORY, DAY, NOUT };
enum { JOIN, MESSAGE, SHARE, REDPACKET, ORDER };
enum { TEXTS = 1 << 14, BUFFER = 1 << 20, ROOM = 1 << 14, DAMAGED_EVERY = 200, DAY_S = 86400 };

static uint64_t rows = 10000000, users, groups, seed = 1;
static unsigned days = 180;

static const char *const type_name[] = {"join", "message", "share", "redpacket", "order"};
static const char header[] = "time,group,user,name,type,text,amount,order_id,product\n";

static inline uint64_t mix(uint64_t x) /* a bijection, from splitmix64 */
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static inline uint64_t draw(uint64_t *state)
{
	return mix(*state += 0x9e3779b97f4a7c15u);
}

static inline uint64_t stream(uint64_t who, uint64_t what)
{
	return mix(mix(seed * 0x9e3779b97f4a7c15u + who) + what);
}

static inline double unit(uint64_t *state) /* in (0, 1) */
{
	return ((double)(draw(state) >> 11) + 0.5) / 9007199254740992.0;
}

static inline uint32_t below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(((draw(state) >> 32) * n) >> 32);
}

static struct out {
	const char *path;
	int fd;
	size_t len;
	char *buf;
} out[NOUT];

static inline void die(const char *what)
{
	perror(what);
	exit(1);
}

static inline void flush(struct out *o)
{
	for (size_t at = 0; at < o->len;) {
		ssize_t n = write(o->fd, o->buf + at, o->len - at);
		if (n < 0)
			die(o->path);
		at += (size_t)n;
	}
	o->len = 0;
}

static inline void open_out(struct out *o)
{
	if (!o->path)
		return;
	o->fd = open(o->path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	o->buf = malloc(BUFFER + ROOM);
	if (o->fd < 0 || !o->buf)
		die(o->path);
}

static inline void close_out(struct out *o)
{
	if (!o->path)
		return;
	flush(o);
	if (close(o->fd))
		die(o->path);
}

/* What one row takes is always there: see ROOM. */
static inline char *put(char *p, const char *s, size_t n)
{
	memcpy(p, s, n);
	return p + n;
}

#define PUT(p, literal) put(p, literal, sizeof(literal) - 1)

static inline char *put_number(char *p, uint64_t n, int width)
{
	char digits[24];
	int len = 0;

	do
		digits[len++] = (char)('0' + n % 10);
	while ((n /= 10) || len < width);
	while (len)
		*p++ = digits[--len];
	return p;
}

struct person {
	uint32_t next;	/* who else is active on that day */
	uint16_t left;	/* active days to come */
	uint16_t first; /* day; what came before the log has no join */
	float gap;	/* mean days between two of them */
	float talk;	/* events of a day against others' */
	uint32_t group, group2;
	bool joins;
	uint8_t id_len, name_len;
	char id[22], name[26];
};

struct event {
	uint32_t who, second;
	uint8_t type;
	uint32_t text, group, product, pieces;
};

#endif
