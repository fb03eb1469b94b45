/*
 * State files: fingerprints that name what differs; bytes of which every change and every cut is noticed;
 * a lock, links, what a killed run left, and files that are no state, all of which are left as they are.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static const struct qun_span sample[QUN_STATE_PARTS] = {{"program=x\n", 10}, {"zone", 4}, {NULL, 0}, {"vote\0", 5},
	{"people, people, people, people and some more people", 51}};

static bool is_sample(const struct qun_span *part)
{
	for (int i = 0; i < QUN_STATE_PARTS; i++) {
		if (!qun_span_eq(part[i], sample[i]))
			return false;
	}
	return true;
}

static bool refused(struct qun_span bytes)
{
	struct qun_span part[QUN_STATE_PARTS];
	struct qun_buf plain = {0};
	struct qun_err err = {0};
	int rc = qun_state_unpack(bytes, &plain, part, &err);

	qun_buf_release(&plain);
	return rc == QUN_ESTATE && err.msg[0];
}

static void bytes(void)
{
	struct qun_span part[QUN_STATE_PARTS];
	struct qun_buf out = {0}, plain = {0};
	struct qun_err err = {0};
	size_t passed = 0;

	ok(qun_state_pack(sample, &out, &err) == 0 && qun_state_unpack(qun_buf_span(&out), &plain, part, &err) == 0 &&
			is_sample(part),
		"what is packed unpacks");
	for (size_t i = 0; i < out.len; i++) {
		for (int x = 1; x < 256; x++) {
			out.ptr[i] = (char)(out.ptr[i] ^ x);
			passed += !refused(qun_buf_span(&out));
			out.ptr[i] = (char)(out.ptr[i] ^ x);
		}
		passed += !refused((struct qun_span){out.ptr, i});
	}
	ok(passed == 0, "every change of a byte and every cut is refused");
	qun_buf_add_char(&out, '\n');
	ok(refused(qun_buf_span(&out)), "and so is a byte more");
	out.len--;
	out.ptr[strlen("quntools state ")] = '2';
	ok(qun_state_unpack(qun_buf_span(&out), &plain, part, &err) == QUN_ESTATE && strstr(err.msg, "newer"),
		"a newer version says so");
	qun_buf_release(&out);
	qun_buf_release(&plain);
}

static int open_state(struct qun_state **s, const char *path, struct qun_err *err)
{
	*err = (struct qun_err){0};
	return qun_state_open(s, path, false, err);
}

/* Opens what must be refused for this reason. */
static bool refuses(const char *path, int code, const char *reason)
{
	struct qun_state *s = NULL;
	struct qun_err err;
	int rc = open_state(&s, path, &err);

	qun_state_close(rc == 0 ? s : NULL);
	return rc == code && strstr(err.msg, reason);
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static bool put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	bool good = f && fputs(text, f) >= 0;

	return f && fclose(f) == 0 && good;
}

static void files(void)
{
	struct qun_state *s = NULL;
	struct qun_err err;
	struct stat st;

	ok(open_state(&s, "state", &err) == 0 && qun_state_is_new(s) && !qun_state_part(s, QUN_STATE_PEOPLE).len,
		"a state that is not there is new and empty");
	ok(refuses("state", QUN_ELOCK, "another run"), "it is locked");
	ok(!exists("state"), "opening makes no state");
	ok(qun_state_replace(s, sample, &err) == 0 && stat("state", &st) == 0 && (st.st_mode & 0777) == 0600 &&
			!exists("state.new"),
		"replacing does, for its owner alone, and leaves nothing beside it");
	qun_state_close(s);
	ok(open_state(&s, "state", &err) == 0 && !qun_state_is_new(s), "closing unlocks");
	for (int i = 0; i < QUN_STATE_PARTS; i++) {
		if (!qun_span_eq(qun_state_part(s, (enum qun_state_part)i), sample[i]))
			ok(false, "a part comes back");
	}
	qun_state_close(s);
	ok(put("state.new", "left by a killed run") && open_state(&s, "state", &err) == 0 && !exists("state.new"),
		"what a killed run left goes");
	qun_state_close(s);
}

static void links(void)
{
	struct qun_state *s = NULL;
	struct qun_err err;
	struct stat st;

	ok(mkdir("else", 0700) == 0 && symlink("else/real", "link") == 0 && symlink("link", "chain") == 0 &&
			open_state(&s, "chain", &err) == 0 && qun_state_is_new(s) &&
			qun_state_replace(s, sample, &err) == 0,
		"links to no file yet are followed");
	qun_state_close(s);
	ok(lstat("link", &st) == 0 && S_ISLNK(st.st_mode) && lstat("else/real", &st) == 0 && S_ISREG(st.st_mode) &&
			exists("else/real.lock"),
		"the state and its lock lie where the link leads, and the link stays");
	ok(open_state(&s, "link", &err) == 0 && !qun_state_is_new(s), "and is found by it again");
	ok(refuses("else/real", QUN_ELOCK, "another run"), "under whatever name");
	qun_state_close(s);
	ok(symlink("loop", "loop") == 0 && refuses("loop", QUN_EIO, "cannot open"), "links in a circle are refused");
	ok(symlink("state", "planted.lock") == 0 && refuses("planted", QUN_EIO, "cannot make the lock"),
		"a lock that is a link is not followed");
}

static void odd_files(void)
{
	ok(put("empty", "") && refuses("empty", QUN_ESTATE, "empty"), "an empty file is no state");
	ok(put("text", "ts,user\n") && refuses("text", QUN_ESTATE, "no state of quntools"), "nor is any other");
	ok(refuses("else", QUN_ESTATE, "no file"), "nor a folder");
	ok(mkfifo("fifo", 0600) == 0 && refuses("fifo", QUN_ESTATE, "no file"), "nor a pipe, which hangs nobody");
	ok(refuses("none/state", QUN_EIO, "cannot make the lock"), "a folder that is not there");
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

int main(void)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "%s/qun-state-%s", P_tmpdir, "XX" "XX" "XX");
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 99;
	fingerprints();
	bytes();
	files();
	links();
	odd_files();
	printf("1..%d\n", tests);
	if (chdir("/") < 0 || nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS) < 0)
		return 99;
	return failures != 0;
}
