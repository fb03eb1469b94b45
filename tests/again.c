/*
 * What inputs remember between runs: files known by their bytes, files that have grown, and events, of
 * which only the newest are remembered; what is older than those cannot be compared and is refused.
 */
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qun/input.h"

enum { REMEMBER = 100, PER_HOUR = 10 };

static int tests, failures;
static struct qun_zone *zone;
static struct qun_cal cal;

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += !good;
}

/* Events numbered from … to - 1, ten an hour; ids: with ids of their own. */
static void write_log(const char *path, int from, int to, bool ids)
{
	FILE *f = fopen(path, "w");

	if (!f)
		exit(99);
	fprintf(f, "ts,user,text%s\n", ids ? ",id" : "");
	for (int i = from; i < to; i++) {
		fprintf(f, "2026-03-%02d %02d:%02d:00,u%d,text %d", 1 + i / PER_HOUR / 24, i / PER_HOUR % 24,
			i % PER_HOUR, i % 7, i);
		if (ids)
			fprintf(f, ",m%d", i);
		fputc('\n', f);
	}
	if (fclose(f) != 0)
		exit(99);
}

/* What came of a run. */
struct run {
	int rc, events, again, all;
	struct qun_err err;
	struct qun_input_counts counts;
};

static int take_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	(void)ev, (void)err;
	((struct run *)arg)->events++;
	return 0;
}

static int take_bad(void *arg, const struct qun_bad *bad)
{
	(void)arg, (void)bad;
	return 0;
}

static void take_again(void *arg, const char *file, bool all)
{
	struct run *r = arg;

	(void)file;
	r->again++;
	r->all += all;
}

/* Reads files after what memory holds; with a run that ends well memory is that of both. */
static struct run read_files(struct qun_buf *memory, bool dedup, const char *a, const char *b)
{
	struct run r = {0};
	struct qun_input_conf conf = {.cal = &cal, .remember = REMEMBER, .dedup = dedup, .threads = 1};
	struct qun_input_sink sink = {.arg = &r, .event = take_event, .bad = take_bad, .again = take_again};
	struct qun_input *in = NULL;

	if (qun_input_open(&in, &conf, &sink) < 0)
		exit(99);
	r.rc = memory->len ? qun_input_load(in, qun_buf_span(memory), &r.err) : 0;
	if (r.rc == 0 && a)
		r.rc = qun_input_read(in, a, &r.err);
	if (r.rc == 0)
		qun_input_last(in);
	if (r.rc == 0 && b)
		r.rc = qun_input_read(in, b, &r.err);
	r.counts = qun_input_counts(in);
	if (r.rc == 0) {
		qun_buf_clear(memory);
		r.rc = qun_input_save(in, memory, &r.err);
	}
	qun_input_close(in);
	return r;
}

static struct run read_file(struct qun_buf *memory, bool dedup, const char *file)
{
	return read_files(memory, dedup, NULL, file);
}

static void test_horizon(bool ids)
{
	struct qun_buf memory = {0};
	struct run r;

	write_log("old.csv", 0, 300, ids);
	write_log("overlap.csv", 250, 400, ids);
	write_log("older.csv", 10, 20, ids);
	write_log("grown.csv", 0, 410, ids);
	r = read_file(&memory, true, "old.csv");
	ok(r.rc == 0 && r.events == 300 && memory.len < 300 * 8, "the newest events are remembered, not all");
	r = read_file(&memory, true, "overlap.csv");
	ok(r.rc == 0 && r.events == 100 && r.counts.repeated == 50, "what overlaps with those is dropped");
	r = read_file(&memory, true, "older.csv");
	ok(r.rc == QUN_EDATA && strstr(r.err.msg, "2026-03-01T01:00:00"), "what is older cannot be compared");
	r = read_file(&memory, true, "old.csv");
	ok(r.rc == 0 && r.events == 0 && r.all == 1, "but a file that is known is, however old");
	r = read_file(&memory, true, "grown.csv");
	ok(r.rc == 0 && r.again == 1 && r.all == 0 && r.events == 10, "and one that begins with it, and has grown");
	r = read_file(&memory, false, "older.csv");
	ok(r.rc == 0 && r.events == 10, "without dedup it counts");
	r = read_file(&memory, false, "older.csv");
	ok(r.rc == 0 && r.events == 0 && r.all == 1, "once");
	qun_buf_release(&memory);
}

/* Many files in one run are compared with one another whatever is remembered in the end. */
static void test_one_run(void)
{
	struct qun_buf memory = {0};
	struct run r;

	write_log("a.csv", 0, 1000, false);
	write_log("b.csv", 500, 1500, false);
	r = read_files(&memory, true, "b.csv", "a.csv");
	ok(r.rc == 0 && r.events == 1500 && r.counts.repeated == 500, "within a run all files are compared");
	write_log("c.csv", 1400, 1600, false);
	r = read_files(&memory, true, "a.csv", "c.csv");
	ok(r.rc == 0 && r.events == 100 && r.all == 1 && r.counts.repeated == 100, "and the newest are remembered of all");
	qun_buf_release(&memory);
}

static void test_damage(void)
{
	struct qun_buf memory = {0}, bad = {0};
	struct run r;
	size_t wrong = 0;

	write_log("few.csv", 0, 30, false);
	read_file(&memory, true, "few.csv");
	for (size_t i = 0; i < memory.len; i++) {
		qun_buf_clear(&bad);
		qun_buf_add_span(&bad, (struct qun_span){memory.ptr, i ? i : 1});
		r = read_files(&bad, true, NULL, NULL);
		wrong += r.rc == 0 && i > 0;
	}
	ok(wrong == 0, "memory that is cut off is refused");
	for (size_t i = 0; i < memory.len * 8; i++) {
		qun_buf_clear(&bad);
		qun_buf_add_span(&bad, qun_buf_span(&memory));
		bad.ptr[i / 8] = (char)(bad.ptr[i / 8] ^ 1 << i % 8);
		r = read_files(&bad, true, NULL, NULL);
		wrong += r.rc != 0 && r.rc != QUN_ESTATE;
	}
	ok(wrong == 0, "memory that is changed is refused, or is other memory");
	qun_buf_release(&memory);
	qun_buf_release(&bad);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

int main(void)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "%s/qun-again-%s", P_tmpdir, "XX" "XX" "XX");
	if (qun_zone_open(&zone, "UTC", NULL) < 0 || !mkdtemp(dir) || chdir(dir) < 0)
		return 99;
	cal = (struct qun_cal){zone, 1, 0};
	test_horizon(false);
	test_horizon(true);
	test_one_run();
	test_damage();
	qun_zone_close(zone);
	printf("1..%d\n", tests);
	if (chdir("/") < 0 || nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS) < 0)
		return 99;
	return failures != 0;
}
