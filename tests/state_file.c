/*
 * State files: fingerprints that name what differs.
 */
#include <stdio.h>
#include <string.h>

#include "qun/state.h"

static int tests, failures;

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += !good;
}

static bool is(struct qun_span s, const char *text)
{
	return text ? s.ptr && qun_span_is(s, text) : !s.ptr;
}

static bool differ(const char *was, const char *now, const char *name, const char *a, const char *b)
{
	struct qun_difference d;

	return qun_fingerprint_differ(qun_span_of(was), qun_span_of(now), &d) && is(d.name, name) && is(d.was, a) &&
		is(d.is, b);
}

static void fingerprints(void)
{
	struct qun_buf out = {0};
	struct qun_difference d;
	const char *text = "program=x\nmap=ts=a\nmap=user=b\ntotal=\n";

	qun_fingerprint_add(&out, "by", qun_span_of("a\nb\\c"));
	qun_fingerprint_add(&out, "total", qun_span_of(""));
	ok(qun_span_is(qun_buf_span(&out), "by=a\\nb\\\\c\ntotal=\n"), "a line for each value, newlines escaped");
	qun_buf_release(&out);
	ok(!qun_fingerprint_differ(qun_span_of(text), qun_span_of(text), &d), "equal ones do not differ");
	ok(differ(text, "program=y\nmap=ts=a\nmap=user=b\ntotal=\n", "program", "x", "y"), "a value");
	ok(differ(text, "program=x\nmap=ts=a\nmap=user=c\ntotal=\n", "map", "user=b", "user=c"), "a value of a list");
	ok(differ(text, "program=x\nmap=ts=a\ntotal=\n", "map", "user=b", NULL), "one value less");
	ok(differ("map=ts=a\n", "map=ts=a\nmap=user=b\n", "map", NULL, "user=b"), "one value more");
	ok(differ(text, "program=x\nmap=ts=a\nmap=user=b\n", "total", "", NULL), "a flag that is not given any more");
	ok(differ("", text, "program", NULL, "x"), "nothing and something");
}

int main(void)
{
	fingerprints();
	printf("1..%d\n", tests);
	return failures != 0;
}
