/*
 * Reads the named exports cut off at many places and with bytes changed at random: whatever comes of
 * it is told, counted once, and crashes nothing. QUN_MUTATIONS is the number of changed copies of each.
 * Without a file it is no test of its own and says so.
 */
#include "qun/input.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CUTS = 100, MUTATIONS = 200, CHANGES = 6, FILE_MAX = 1 << 20 };

struct tally {
	uint64_t events, bad;
};

static int count_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	volatile unsigned char seen = 0;

	(void)err;
	/* all bytes are looked at, so that a sanitizer sees them */
	for (int i = 0; i < QUN_NFIELDS; i++) {
		for (size_t n = 0; n < ev->field[i].len; n++)
			seen ^= (unsigned char)ev->field[i].ptr[n];
	}
	((struct tally *)arg)->events++;
	return 0;
}

static int count_bad(void *arg, const struct qun_bad *bad)
{
	((struct tally *)arg)->bad += bad->why && *bad->why;
	return 0;
}

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Reads the bytes as a file of its own; NULL, or what is wrong with what came of it. */
static const char *read_bytes(const struct qun_cal *cal, int fd, const char *bytes, size_t len,
	struct tally *t)
{
	char path[64];
	struct qun_err err = {0};
	struct qun_input_conf conf = {.cal = cal};
	struct qun_input_sink sink = {.arg = t, .event = count_event, .bad = count_bad};
	struct qun_input *in = NULL;
	int rc;

	*t = (struct tally){0};
	if (ftruncate(fd, 0) != 0 || pwrite(fd, bytes, len, 0) != (ssize_t)len ||
		qun_input_open(&in, &conf, &sink) < 0)
		return "the test cannot write its file";
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = qun_input_read(in, path, &err);
	struct qun_input_counts c = qun_input_counts(in);
	qun_input_close(in);
	if (rc < 0)
		return err.msg[0] ? NULL : "a failure without a sentence";
	if (c.read != c.used + c.filtered + c.duplicate + c.bad)
		return "records that are counted twice or not at all";
	return c.bad != t->bad ? "bad records without a reason" : NULL;
}

/* In a document every cut shows; lines and rows may end anywhere. */
static const char *cut(const struct qun_cal *cal, int fd, const char *bytes, size_t len, bool document)
{
	const char *wrong = NULL;
	struct tally whole, t;
	size_t end = len;

	while (end > 0 && strchr(" \t\r\n", bytes[end - 1]))
		end--;
	wrong = read_bytes(cal, fd, bytes, len, &whole);
	for (size_t i = 0; !wrong && i < CUTS; i++) {
		size_t at = (end - 1) * i / CUTS;
		wrong = read_bytes(cal, fd, bytes, at, &t);
		if (!wrong && t.events > whole.events)
			wrong = "more events than in the whole file";
		if (!wrong && document && at > 0 && t.events && !t.bad)
			wrong = "a document cut off without a word";
	}
	return wrong;
}

static const char *mutate(const struct qun_cal *cal, int fd, const char *bytes, size_t len, char *copy)
{
	const char *asked = getenv("QUN_MUTATIONS"), *wrong = NULL;
	long rounds = asked ? strtol(asked, NULL, 10) : MUTATIONS;
	uint64_t state = 88172645463325252u;
	struct tally t;

	for (long i = 0; !wrong && i < rounds; i++) {
		memcpy(copy, bytes, len);
		for (long n = 0; n <= i % CHANGES; n++) {
			static const char likely[] = "\"\\{}[],:\n\r\t()<>= 09-\xff";
			uint64_t r = random_next(&state);
			copy[(r >> 16) % len] = r & 1 ? likely[(r >> 8) % sizeof(likely)] : (char)(r >> 8);
		}
		wrong = read_bytes(cal, fd, copy, len, &t);
	}
	return wrong;
}

int main(int argc, char **argv)
{
	struct qun_zone *zone = NULL;
	struct qun_err err;
	static char bytes[FILE_MAX], copy[FILE_MAX];
	int fd = memfd_create("damaged", 0), failed = 0;

	if (argc == 1) {
		puts("1..0 # SKIP a helper of tests/formats-*.t");
		return 0;
	}
	if (fd < 0 || qun_zone_open(&zone, "UTC", &err) < 0)
		return 99;
	struct qun_cal cal = {.zone = zone, .week_start = 1};
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		size_t len = f ? fread(bytes, 1, sizeof(bytes), f) : 0;
		if (f)
			fclose(f);
		bool document = len && strstr(argv[i], ".json") && !strstr(argv[i], ".jsonl");
		const char *wrong = len ? cut(&cal, fd, bytes, len, document) : "the file cannot be read";
		if (!wrong)
			wrong = mutate(&cal, fd, bytes, len, copy);
		if (wrong)
			printf("%s: %s\n", argv[i], wrong);
		failed |= wrong != NULL;
	}
	qun_zone_close(zone);
	close(fd);
	return failed;
}
