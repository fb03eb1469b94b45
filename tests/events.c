/*
 * Prints the events that the input layer makes of the named files, one a line: what tests/samples.t
 * counts. Without a file it is no test of its own and says so.
 */
#include "qun/input.h"
#include "reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void put_escaped(struct qun_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		switch (s.ptr[i]) {
		case '\t': fputs("\\t", stdout); break;
		case '\n': fputs("\\n", stdout); break;
		case '\r': fputs("\\r", stdout); break;
		case '\\': fputs("\\\\", stdout); break;
		default: putchar(s.ptr[i]);
		}
	}
}

static int put_event(void *zone, struct qun_event *ev, struct qun_err *err)
{
	static const int order[] = {QUN_F_GROUP, QUN_F_USER, QUN_F_NAME, QUN_F_TYPE, QUN_F_REF,
		QUN_F_SOURCE, QUN_F_AMOUNT, QUN_F_ORDER_ID, QUN_F_PRODUCT, QUN_F_ID, QUN_F_TEXT};
	struct qun_buf time = {0};

	(void)err;
	qun_time_format(&time, zone, ev->ts);
	put_escaped(qun_buf_span(&time));
	qun_buf_release(&time);
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		putchar('\t');
		put_escaped(ev->field[order[i]]);
	}
	putchar('\n');
	return 0;
}

static int put_bad(void *zone, const struct qun_bad *bad)
{
	(void)zone;
	printf("bad\t%s\t%s\t%s\n", bad->kind, bad->column ? bad->column : "", bad->why);
	return 0;
}

int main(int argc, char **argv)
{
	struct qun_zone *zone = NULL;
	struct qun_err err = {0};
	struct qun_input_sink sink = {.event = put_event, .bad = put_bad};
	struct qun_input_counts counts;
	struct qun_input *in = NULL;
	int rc;

	if (argc == 1) {
		puts("1..0 # SKIP a helper of tests/samples.t");
		return 0;
	}
	rc = qun_zone_open(&zone, getenv("QUN_TZ"), &err);
	struct qun_cal cal = {.zone = zone, .week_start = 1};
	struct qun_input_conf conf = {.cal = &cal, .reader = asked_reader()};
	sink.arg = zone;
	if (rc == 0)
		rc = qun_input_open(&in, &conf, &sink);
	for (int i = 1; rc == 0 && i < argc; i++)
		rc = qun_input_read(in, argv[i], &err);
	if (rc < 0) {
		fprintf(stderr, "events: %s\n", err.msg);
	} else {
		counts = qun_input_counts(in);
		printf("counts\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", counts.read,
			counts.used, counts.filtered, counts.duplicate, counts.bad);
	}
	qun_input_close(in);
	qun_zone_close(zone);
	return rc < 0;
}
