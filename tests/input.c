/*
 * Input: cutters fed in portions of every size, what they say of damaged bytes, and whole files from
 * bytes to events, in every encoding and packing. Sets of hostile files are read where they are there.
 */
#include "input/cut.h"
#include "input/header.h"
#include "input/pick.h"
#include "qun/input.h"
#include "reader.h"

#include <dirent.h>
#include <iconv.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static int count, failed;

static void ok(bool good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++count, name);
	failed += !good;
}

static void is(const char *have, const char *want, const char *name)
{
	bool same = strcmp(have, want) == 0;

	ok(same, name);
	if (!same)
		printf("# want %s\n# have %s\n", want, have);
}

/* What a cutter says, as one text. */
struct log {
	struct qun_buf text;
	struct qun_cutter *cutter;
	bool header_seen, csv;
	size_t held; /* length of text when the trial began */
	struct qun_span first;
	char copy[256];
};

static void log_raw(struct log *l, struct qun_span raw)
{
	if (raw.len > 60)
		qun_buf_printf(&l->text, "<%zu bytes>", raw.len);
	else
		qun_buf_add_span(&l->text, raw);
}

static int log_record(void *arg, const struct qun_record *rec)
{
	struct log *l = arg;

	qun_buf_printf(&l->text, "%" PRIu64 "@%" PRIu64 ":", rec->line, rec->offset);
	for (size_t i = 0; i < rec->n; i++) {
		qun_buf_add_char(&l->text, '[');
		log_raw(l, rec->cell[i].s);
		qun_buf_add_char(&l->text, ']');
	}
	if (l->csv && !l->header_seen)
		qun_csv_set_columns(l->cutter, rec->n);
	l->header_seen = true;
	if (!l->csv) {
		log_raw(l, rec->raw);
		if (!l->copy[0])
			snprintf(l->copy, sizeof(l->copy), "%.*s", (int)rec->raw.len, rec->raw.ptr);
	}
	qun_buf_add_char(&l->text, ';');
	return 0;
}

static int log_bad(void *arg, struct qun_bad *bad)
{
	struct log *l = arg;

	qun_buf_printf(&l->text, "%" PRIu64 "@%" PRIu64 "!%s{", bad->line, bad->offset, bad->kind);
	log_raw(l, bad->raw);
	qun_buf_printf(&l->text, "};");
	return 0;
}

static int log_trial(void *arg)
{
	struct log *l = arg;

	l->held = l->text.len;
	l->copy[0] = '\0';
	return 0;
}

/* Records are what begins with a key t. */
static int log_judge(void *arg, const char *path, bool lines)
{
	struct log *l = arg;

	if (strncmp(l->copy, "{\"t\":", 5) == 0 || strncmp(l->copy, "{\n \"t\":", 7) == 0) {
		qun_buf_printf(&l->text, "(%s%s)", path, lines ? " lines" : "");
		return 1;
	}
	l->text.len = l->held;
	return 0;
}

static bool log_named(void *arg, const char *path)
{
	(void)arg;
	return strcmp(path, "messages") == 0 || strcmp(path, "chats.list.messages") == 0;
}

static const struct qun_cut_conf small_limits = {.delimiter = ',', .max_field = 100, .max_record = 300,
	.max_columns = 6, .max_depth = 8, .line = 1};

static char *cut(bool csv, struct qun_span bytes, size_t portion)
{
	struct log l = {.csv = csv};
	const struct qun_cut_sink sink = {&l, log_record, NULL, log_bad, log_trial, log_judge, log_named, NULL};
	struct qun_header *header = qun_header_open();
	struct qun_err err = {0};
	size_t left = 0, end = 0;
	int rc = csv ? qun_csv_open(&l.cutter, &small_limits, &sink) : qun_json_open(&l.cutter, &small_limits, &sink, header);

	while (rc == 0 && end < bytes.len) {
		size_t begin = end - left;
		end = bytes.len - end < portion ? bytes.len : end + portion;
		/* a copy of its own, so that a read beyond it shows */
		char *copy = malloc(end - begin);
		memcpy(copy, bytes.ptr + begin, end - begin);
		rc = l.cutter->feed(l.cutter, (struct qun_span){copy, end - begin}, &err);
		left = l.cutter->left;
		free(copy);
	}
	if (rc == 0)
		rc = l.cutter->finish(l.cutter, (struct qun_span){bytes.ptr + bytes.len - left, left}, &err);
	l.cutter->close(l.cutter);
	qun_header_close(header);
	if (rc < 0)
		qun_buf_printf(&l.text, "rc %d", rc);
	qun_buf_add_char(&l.text, '\0');
	return l.text.ptr;
}

/* One text in portions of 1 to 257 bytes, and at once. want NULL: they only have to agree. */
static void test_cut(bool csv, const char *name, struct qun_span bytes, const char *want)
{
	char *whole = cut(csv, bytes, bytes.len + 1);
	bool same = true;

	for (size_t portion = 1; same && portion <= 257; portion++) {
		char *have = cut(csv, bytes, portion);
		same = strcmp(have, whole) == 0;
		if (!same)
			printf("# portions of %zu: %s\n# at once: %s\n", portion, have, whole);
		free(have);
	}
	ok(same, name);
	if (want)
		is(whole, want, name);
	free(whole);
}

struct cut_case {
	const char *name, *text, *want;
};

static const struct cut_case csv_cases[] = {
	{"rows end in LF, CRLF or CR", "a,b\n1,2\r\n3,4\r5,6", "1@0:[a][b];2@4:[1][2];3@9:[3][4];4@13:[5][6];"},
	{"blank lines are none", "\n\r\na,b\n\n \n1,2\n\n", "3@3:[a][b];6@10:[1][2];"},
	{"quotes, doubled and around line ends", "a,b\n\"x \"\"y\"\"\",\"1\r\n2\n3\"\n4,5\n",
		"1@0:[a][b];2@4:[x \"y\"][1\r\n2\n3];5@23:[4][5];"},
	{"blanks stay", "a,b\n x , y \n", "1@0:[a][b];2@4:[ x ][ y ];"},
	{"rows of any length", "a,b\n1\n1,2,3\n,\n", "1@0:[a][b];2@4:[1];3@6:[1][2][3];4@12:[][];"},
	{"a byte order mark within", "\xef\xbb\xbf\"a\",b\n1,2\n\xef\xbb\xbf\"a\",b\n3,4\n",
		"1@3:[a][b];2@9:[1][2];3@16:[a][b];4@22:[3][4];"},
	{"a quote in a plain cell", "a,b\nx\"y,1\n2,3\n", "1@0:[a][b];2@4!quote{x\"y,1\n};3@10:[2][3];"},
	{"text after the closing quote", "a,b\n\"x\"y,1\n2,3\n", "1@0:[a][b];2@4!quote{\"x\"y,1\n};3@11:[2][3];"},
	{"a quote never closed", "a,b\n1,\"x\n2,3\n4,5\n", "1@0:[a][b];2@4!open{1,\"x\n};3@9:[2][3];4@13:[4][5];"},
	{"it opens lines later", "a,b\n\"p\nq\",\"x\n2,3\n", "1@0:[a][b];3@4!open{\"p\n};3@7!quote{q\",\"x\n};4@13:[2][3];"},
	{"the next row must have the header's length", "a,b\n\"x\"y\nz\n1,2,3\n4,5\n",
		"1@0:[a][b];2@4!quote{\"x\"y\nz\n1,2,3\n};5@17:[4][5];"},
	{"each damaged line is a record", "a,b\nx\"y,1\nx\"y,2\n2,3\n",
		"1@0:[a][b];2@4!quote{x\"y,1\n};3@10!quote{x\"y,2\n};4@16:[2][3];"},
	{"nothing follows", "a,b\n1,\"", "1@0:[a][b];2@4!open{1,\"};"},
	{"too many columns", "a\n1,2,3,4,5,6,7\n1,2,3,4,5,6\n", "1@0:[a];2@2!columns{1,2,3,4,5,6,7};3@16:[1][2][3][4][5][6];"},
};

static const struct cut_case json_cases[] = {
	{"lines", "{\"t\":1}\n{\"t\":2}\n", "1@0:{\"t\":1};2@8:{\"t\":2};( lines)"},
	{"one behind the other", "{\"t\":1}{\"t\":2} {\"t\":3}", "1@0:{\"t\":1};1@7:{\"t\":2};1@15:{\"t\":3};( lines)"},
	{"printed over lines", "{\n \"t\": 1\n}\n{\n \"t\": 2\n}\n", "1@0:{\n \"t\": 1\n};4@12:{\n \"t\": 2\n};( lines)"},
	{"a bare array", "[{\"t\":1},\n{\"t\":[{}]}]", "1@1:{\"t\":1};2@10:{\"t\":[{}]};()"},
	{"an array in a document", "{\"name\":\"x\",\"messages\":[{\"t\":1}],\"z\":[{\"q\":1}]}",
		"1@24:{\"t\":1};(messages)"},
	{"other objects before the records", "{\"members\":[{\"m\":1}],\"messages\":[{\"t\":1}]}",
		"1@33:{\"t\":1};(messages)"},
	{"several chats", "{\"chats\":{\"list\":[{\"id\":1,\"messages\":[{\"t\":1}]},{\"id\":2,\"messages\":[{\"t\":2},{\"t\":3}]}]}}",
		"1@38:{\"t\":1};(chats.list.messages)1@68:{\"t\":2};1@76:{\"t\":3};"},
	{"documents behind one another", "[{\"t\":1}]\n[{\"t\":2}]\n", "1@1:{\"t\":1};()2@11:{\"t\":2};"},
	{"brackets in strings", "[{\"t\":\"]}\\\"{\"}]", "1@1:{\"t\":\"]}\\\"{\"};()"},
	{"a line that breaks off", "{\"t\":1}\n{\"t\":\"ab\n{\"t\":3}\n", "1@0:{\"t\":1};2@8!json{{\"t\":\"ab\n};3@17:{\"t\":3};( lines)"},
	{"a line that breaks off before a value", "{\"t\":1}\n{\"t\":\n{\"t\":3}\n{\"t\":4}\n",
		"1@0:{\"t\":1};4@8!json{{\"t\":\n};3@14:{\"t\":3};4@22:{\"t\":4};( lines)"},
	{"an element that breaks off", "[\n {\"t\":1,\n {\"t\":2},\n {\"t\":3}\n]",
		"3@3!json{{\"t\":1,\n };3@12:{\"t\":2};4@22:{\"t\":3};()"},
	{"the last element breaks off", "{\"messages\":[\n {\"t\":1},\n {\"t\"\n ],\n\"z\":1}\n",
		"2@15:{\"t\":1};4@25!json{{\"t\"\n };(messages)"},
	{"wrong within its brackets", "[{\"t\":1},{t:2},{\"t\":3}]", "1@1:{\"t\":1};1@9:{t:2};1@15:{\"t\":3};()"},
	{"wrong within its brackets, on a line of its own", "{\"t\":1}\n{\"t\" 2}{\"t\":3}\n{\"t\":4}\n",
		"1@0:{\"t\":1};2@8:{\"t\" 2};2@15:{\"t\":3};3@23:{\"t\":4};( lines)"},
	{"wrong within its brackets, over lines", "[\n {\"t\":1,,\n  \"u\":[]},\n {\"t\":3}\n]",
		"2@3:{\"t\":1,,\n  \"u\":[]};4@24:{\"t\":3};()"},
	{"a bracket of another kind closes", "{\"t\":1}\n{\"t\":[2}]}\n{\"t\":3}\n",
		"1@0:{\"t\":1};2@8!json{{\"t\":[2}]}\n};3@19:{\"t\":3};( lines)"},
	{"wrong, and a bracket is missing", "{\"t\":1}\n{\"t\":[2,,}\n{\"t\":3}\n{\"t\":[4,,",
		"1@0:{\"t\":1};2@8!json{{\"t\":[2,,}\n};3@19:{\"t\":3};4@27!json{{\"t\":[4,,};( lines)"},
	{"too deep, on a line of its own", "{\"t\":1}\n{\"t\":[[[[[[[[1]]]]]]]]}\n{\"t\":3}\n",
		"1@0:{\"t\":1};2@8!json{{\"t\":[[[[[[[[1]]]]]]]]}};3@32:{\"t\":3};( lines)"},
	{"a comma is missing", "[\n{\"t\":1}\n{\"t\":2},\n{\"t\":3}\n]", "2@2:{\"t\":1};3@10!json{{\"t\":2},\n};4@19:{\"t\":3};()"},
	{"no objects", "[1,\"x\",null,{\"t\":1},[true]]",
		"1@1!json{1};1@3!json{\"x\"};1@7!json{null};1@12:{\"t\":1};1@21!json{true};()"},
	{"cut off inside an element", "[{\"t\":1},{\"t\":2", "1@1:{\"t\":1};1@9!open{{\"t\":2};()"},
	{"cut off inside a string", "[{\"t\":1},\n{\"t\":\"abc", "1@1:{\"t\":1};2@15!open{{\"t\":\"abc};()"},
	{"cut off after an element", "{\"messages\":[{\"t\":1},", "1@13:{\"t\":1};(messages)1@12!open{};"},
	{"too deep", "[{\"t\":[[[[[[1]]]]]]},{\"t\":[[[[[[[1]]]]]]]}]", "1@1:{\"t\":[[[[[[1]]]]]]};1@21!json{{\"t\":[[[[[[[1]]]]]]]}};()"},
	{"comments between lines", "# one\n{\"t\":1}\n# two\n{\"t\":2}\n", "2@6:{\"t\":1};4@20:{\"t\":2};( lines)"},
	{"nothing", " \n", ""},
	{"empty", "[]", ""},
	{"garbage", "{\"t\":1}\nxyz\n{\"t\":2}\n", "1@0:{\"t\":1};2@8!json{xyz\n};3@12:{\"t\":2};( lines)"},
};

static void test_cutters(void)
{
	struct qun_buf text = {0};

	for (size_t i = 0; i < sizeof(csv_cases) / sizeof(*csv_cases); i++)
		test_cut(true, csv_cases[i].name, qun_span_of(csv_cases[i].text), csv_cases[i].want);
	for (size_t i = 0; i < sizeof(json_cases) / sizeof(*json_cases); i++)
		test_cut(false, json_cases[i].name, qun_span_of(json_cases[i].text), json_cases[i].want);
	/* fields and records at the limit and beyond it */
	for (int over = 0; over < 2; over++) {
		qun_buf_clear(&text);
		qun_buf_printf(&text, "a,b\n%0*d,1\n", 100 + over, 7);
		qun_buf_printf(&text, "\"%0*d\",2\n3,4\n", 100 + over, 7);
		test_cut(true, "field limit", qun_buf_span(&text), over ?
			"1@0:[a][b];2@4!too-long{<104 bytes>};3@108!too-long{<106 bytes>};4@214:[3][4];" :
			"1@0:[a][b];2@4:[<100 bytes>][1];3@107:[<100 bytes>][2];4@212:[3][4];");
		qun_buf_clear(&text);
		qun_buf_printf(&text, "[{\"t\":\"%0*d\"},\n{\"t\":2}]", 292 + over, 7);
		test_cut(false, "record limit", qun_buf_span(&text), over ?
			"1@1!too-long{<300 bytes>};2@304:{\"t\":2};()" : "1@1:<300 bytes>;2@303:{\"t\":2};()");
		qun_buf_clear(&text);
		qun_buf_printf(&text, "a,b,c,d\n%0*d,%099d,%099d,1\n5,6,7,8\n", 98 + over, 7, 7, 7);
		test_cut(true, "record limit", qun_buf_span(&text), over ?
			"1@0:[a][b][c][d];2@8!too-long{<300 bytes>};3@310:[5][6][7][8];" :
			"1@0:[a][b][c][d];2@8:[<98 bytes>][<99 bytes>][<99 bytes>][1];3@309:[5][6][7][8];");
	}
	/* skipped values may be as long as they like */
	qun_buf_clear(&text);
	qun_buf_printf(&text, "{\"avatars\":{\"a\":\"%05000d\"},\"messages\":[{\"t\":1}]}", 7);
	test_cut(false, "a long string outside the records", qun_buf_span(&text), NULL);
	qun_buf_release(&text);
}

/* Random bytes from a small alphabet: portions must not matter, whatever they say. */
static void test_random(void)
{
	static const char csv[] = "a,\"\n\r1 ", json[] = "{}[]\":,t1 \n\\\"\"{}";
	uint64_t seed = 88172645463325252u;
	char text[120];
	bool same = true;

	for (int round = 0; same && round < 6000; round++) {
		bool is_csv = round & 1;
		const char *alphabet = is_csv ? csv : json;
		size_t n = is_csv ? sizeof(csv) - 1 : sizeof(json) - 1, len = 0;
		for (; len < sizeof(text) - 1; len++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			text[len] = alphabet[(seed >> 32) % n];
		}
		char *a = cut(is_csv, (struct qun_span){text, len}, len), *b = cut(is_csv, (struct qun_span){text, len}, 1 + seed % 11);
		same = strcmp(a, b) == 0;
		if (!same)
			printf("# %.*s\n# %s\n# %s\n", (int)len, text, a, b);
		free(a);
		free(b);
	}
	ok(same, "random bytes in random portions");
}

/* Files through the whole of it. */
struct read {
	struct qun_buf text; /* events */
	struct qun_buf bads;
	struct qun_input_counts n;
	struct qun_err err;
	int rc;
};

static int read_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	struct read *r = arg;
	static const int fields[] = {QUN_F_GROUP, QUN_F_USER, QUN_F_TYPE, QUN_F_TEXT, QUN_F_REF, QUN_F_ORDER_ID};

	(void)err;
	qun_buf_printf(&r->text, "%" PRId64, ev->ts / QUN_SECOND);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		qun_buf_add_char(&r->text, '|');
		qun_buf_add_span(&r->text, ev->field[fields[i]]);
	}
	if (ev->has_amount)
		qun_buf_printf(&r->text, "|%" PRId64, ev->amount);
	if (ev->extra) {
		qun_buf_add_char(&r->text, '+');
		qun_buf_add_span(&r->text, ev->extra[0]);
	}
	qun_buf_add_char(&r->text, ';');
	return ev->field[QUN_F_USER].len ? 0 : 1;
}

static int read_bad(void *arg, const struct qun_bad *bad)
{
	struct read *r = arg;

	qun_buf_printf(&r->bads, "%" PRIu64 " %s %s %s;", bad->line, bad->kind,
		bad->column ? bad->column : "-", bad->why);
	return 0;
}

static struct qun_zone *zone;
static char scratch[64];

static const char *scratch_file(const char *name, struct qun_span bytes)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(bytes.ptr, 1, bytes.len, f) != bytes.len || fclose(f) != 0) {
		printf("Bail out! cannot write %s\n", path);
		exit(99);
	}
	return path;
}

static void read_path(struct read *r, const char *path, const struct qun_input_conf *conf)
{
	struct qun_cal cal = {.zone = zone, .week_start = 1};
	struct qun_input_conf all = *conf;
	const struct qun_input_sink sink = {.arg = r, .event = read_event, .bad = read_bad};
	struct qun_input *in = NULL;

	*r = (struct read){0};
	all.cal = &cal;
	all.reader = asked_reader();
	r->rc = qun_input_open(&in, &all, &sink);
	if (r->rc == 0)
		r->rc = qun_input_read(in, path, &r->err);
	if (r->rc == 0)
		r->rc = qun_input_check(in, &r->err);
	r->n = qun_input_counts(in);
	qun_input_close(in);
	qun_buf_add_char(&r->text, '\0');
	qun_buf_add_char(&r->bads, '\0');
}

static void read_release(struct read *r)
{
	qun_buf_release(&r->text);
	qun_buf_release(&r->bads);
}

static bool adds_up(const struct read *r)
{
	return r->n.read == r->n.used + r->n.filtered + r->n.duplicate + r->n.bad;
}

struct option_case {
	const char *name, *text;
	const char *map[3], *set[2];
	const char *extra, *from;
	bool no_header, names_global;
	enum qun_time_style date_order;
	const char *events, *bads, *error; /* error: part of the message */
};

static const struct option_case cases[] = {
	{.name = "canonical CSV", .text = "ts,user,text\n2024-01-01 00:00:10,a, hi \n2024-01-01 00:00:11,,x\n",
		.events = "1704067210|-|a|message| hi ||;1704067211|-||message|x||;"},
	{.name = "header aliases and repeated headers", .text = "\xef\xbb\xbf 时间 ,\"发送人\",内容\n2024/1/1 0:00,甲,一\n 时间 ,\"发送人\",内容\n2024/1/1 0:01,乙,二\n",
		.events = "1704067200|-|甲|message|一||;1704067260|-|乙|message|二||;"},
	{.name = "the first of duplicate columns, the better of aliases",
		.text = "time,sender,user,user,ts\nx,b,a,c,1704067200\n", .events = "1704067200|-|a|message|||;"},
	{.name = "names are of their group", .text = "ts,group,name\n1704067200,G,甲\n",
		.events = "1704067200|G|甲\x1fG|message|||;"},
	{.name = "unless they are global", .text = "ts,group,name\n1704067200,G,甲\n", .names_global = true,
		.events = "1704067200|G|甲|message|||;"},
	{.name = "--map and --set", .text = "when;who;what\n1704067200;a;7\n", .map = {"ts=when", "user=who", "amount=what"},
		.set = {"type=order"}, .events = "1704067200|-|a|order||||70000;"},
	{.name = "--no-header", .text = "a,1704067200\nb,1704067201\n", .map = {"ts=2", "user=1"}, .no_header = true,
		.events = "1704067200|-|a|message|||;1704067201|-|b|message|||;"},
	{.name = "an unknown field", .text = "ts,user\n", .map = {"usr=x"}, .error = "did you mean 'user'"},
	{.name = "an unknown column", .text = "ts,user\n1,a\n", .map = {"text=x"}, .error = "the file has: ts, user"},
	{.name = "no user column", .text = "ts,foo\n1,a\n", .error = "the file has: ts, foo; name it with --map user="},
	{.name = "no time column", .text = "user,foo\n1,a\n", .error = "--map ts="},
	{.name = "nothing at all", .text = "", .events = ""},
	{.name = "a header alone", .text = "ts,user\n", .events = ""},
	{.name = "an extra column", .text = "ts,user,city\n1704067200,a,X\n", .extra = "city", .events = "1704067200|-|a|message|||+X;"},
	{.name = "an extra column nobody has", .text = "ts,user,city\n1704067200,a,X\n", .extra = "citi", .error = "did you mean 'city'"},
	{.name = "bad records", .text = "ts,user,amount\n1704067200,a,1\nyesterday,b,2\n1704067202,c,abc\n1704067203,d\n1704067204,\xff,1\n",
		.events = "1704067200|-|a|message||||10000;",
		.bads = "3 time ts cannot read time 'yesterday' (expected e.g. 1712634840);"
			"4 number amount cannot read amount 'abc' (expected e.g. 39.90);"
			"5 columns - 2 cells where the header has 3;6 encoding - byte 12 of the record is no valid UTF-8;"},
	{.name = "day and month by the sample", .text = "ts,user\n03/04/2024 10:00,a\n13/04/2024 10:00,a\n",
		.events = "1712138400|-|a|message|||;1713002400|-|a|message|||;"},
	{.name = "day or month", .text = "ts,user\n03/04/2024 10:00,a\n", .error = "--date-order"},
	{.name = "month by --date-order", .text = "ts,user\n03/04/2024 10:00,a\n", .date_order = QUN_TIME_MDY,
		.events = "1709546400|-|a|message|||;"},
	{.name = "milliseconds by size", .text = "ts,user\n1704067200000,a\n1704067201000,b\n",
		.events = "1704067200|-|a|message|||;1704067201|-|b|message|||;"},
	{.name = "a preamble", .text = "bill of \"Ann,\n---\n\n交易时间,交易对方,金额(元),交易单号\n2024-01-01 00:00:00,甲,¥1.50,\"77\t\"\n",
		.events = "1704067200|-|甲|order|||77|15000;"},
	{.name = "states of orders",
		.text = "order_id,user,paid at,created at,amount,status,refund amount\n"
			"1,a,2024-01-01,2024-01-01,10,paid,\n2,a,,2024-01-01,10,待付款,\n3,a,,2024-01-01,10,已取消,\n"
			"4,a,2024-01-01,2024-01-01,10,已退款,\n5,a,2024-01-01,2024-01-01,10,交易成功,4\n"
			"6,a,2024-01-01,2024-01-01,10,已退款(￥2.50),0\n7,a,,2024-01-01,10,,\n",
		.events = "1704067200|-|a|order|||1|100000;"
			"1704067200|-|a|order|||4|100000;1704067200|-|a|refund|||4|100000;"
			"1704067200|-|a|order|||5|100000;1704067200|-|a|refund|||5|40000;"
			"1704067200|-|a|order|||6|100000;1704067200|-|a|refund|||6|25000;"},
	{.name = "ids out of a spreadsheet", .text = "order_id,user,ts,amount\n\"=\"\"0012\"\"\",'138,2024-01-01,3\n",
		.events = "1704067200|-|138|order|||0012|30000;"},
	{.name = "NDJSON", .text = "{\"ts\":1704067200,\"user\":\"a\\u00e9\\ud83d\\ude00\",\"text\":\"x\\n\\\"y\"}\n{\"ts\":1704067201,\"user\":12345678901234567890}\n{\"ts\":1704067202,\"user\":9007199254740993}\n",
		.events = "1704067200|-|aé😀|message|x\n\"y||;1704067202|-|9007199254740993|message|||;",
		.bads = "2 json - invalid JSON at byte 44 of the record: too big integer;"},
	{.name = "money as written", .text = "[{\"ts\":1704067200,\"user\":\"a\",\"type\":\"order\",\"amount\":0.1000},{\"ts\":1704067200,\"user\":\"a\",\"type\":\"order\",\"amount\":900719925474.0993}]",
		.events = "1704067200|-|a|order||||1000;1704067200|-|a|order||||9007199254740993;"},
	{.name = "keys that turn up late", .text = "{\"ts\":1704067200,\"user\":\"a\"}\n{\"ts\":1704067201,\"user\":\"a\",\"orderId\":\"7\",\"Text\":\"z\"}\n",
		.events = "1704067200|-|a|message|||;1704067201|-|a|message|z||7;"},
	{.name = "keys in objects", .text = "[{\"time\":1704067200,\"user\":{\"id\":7,\"name\":\"x\"},\"n\":{\"m\":[1]}}]", .map = {"text=n.m"},
		.events = "1704067200|-|7|message|[1]||;"},
	{.name = "NUL and repeated keys", .text = "{\"ts\":1704067200,\"user\":\"a\\u0000b\"}\n{\"ts\":1704067200,\"user\":\"a\",\"user\":\"b\"}\n{\"ts\":1704067200,\"user\":\"c\"}\n",
		.events = "1704067200|-|c|message|||;",
		.bads = "1 nul - a NUL (\\u0000) in a string;"
			"2 json - invalid JSON at byte 34 of the record: duplicate object key;"},
	{.name = "unknown keys", .text = "[{\"foo\":1,\"bar\":{\"x\":2}}]", .error = "found: foo, bar, bar.x"},
	{.name = "unknown keys, mapped", .text = "[{\"foo\":1704067200,\"bar\":{\"x\":2}}]", .map = {"ts=foo", "user=bar.x"},
		.events = "1704067200|-|2|message|||;"},
	{.name = "a key nobody has", .text = "[{\"ts\":1704067200,\"user\":2}]", .map = {"text=zz"}, .error = "'zz'"},
	{.name = "an empty export", .text = "{\"name\":\"x\",\"messages\":[]}", .error = "found: name, messages"},
	{.name = "nothing but empty objects", .text = "{}\n{}\n", .error = "no records are known"},
	{.name = "empty arrays", .text = "[]\n[]\n", .events = ""},
	{.name = "an unknown format", .text = "x", .from = "jsno", .error = "did you mean 'json'"},
};

static void test_case(const struct option_case *c)
{
	struct qun_input_conf conf = {.from = c->from, .no_header = c->no_header, .names_global = c->names_global,
		.date_order = c->date_order};
	struct qun_extras extras = {0};
	struct read r;

	conf.map.v = (const char **)(uintptr_t)c->map;
	conf.set.v = (const char **)(uintptr_t)c->set;
	while (conf.map.n < 3 && c->map[conf.map.n])
		conf.map.n++;
	while (conf.set.n < 2 && c->set[conf.set.n])
		conf.set.n++;
	if (c->extra)
		qun_extra_add(&extras, qun_span_of(c->extra));
	conf.extras = &extras;
	read_path(&r, scratch_file("case", qun_span_of(c->text)), &conf);
	if (c->error) {
		ok(r.rc < 0 && strstr(r.err.msg, c->error), c->name);
		if (r.rc >= 0 || !strstr(r.err.msg, c->error))
			printf("# rc %d: %s\n", r.rc, r.err.msg);
	} else {
		is(r.rc < 0 ? r.err.msg : r.text.ptr, c->events, c->name);
		is(r.bads.ptr, c->bads ? c->bads : "", c->name);
		ok(adds_up(&r), "its records add up");
	}
	read_release(&r);
	qun_extras_release(&extras);
}

/* One text in the clothes it may come in. */
static struct qun_buf encoded(const char *text, const char *encoding, const char *mark)
{
	struct qun_buf out = {0};
	iconv_t cd = iconv_open(encoding, "UTF-8");
	char *in = (char *)(uintptr_t)text, *to;
	size_t left = strlen(text), room;

	qun_buf_add_text(&out, mark);
	qun_buf_reserve(&out, left * 4);
	to = out.ptr + out.len;
	room = left * 4;
	iconv(cd, &in, &left, &to, &room);
	out.len = (size_t)(to - out.ptr);
	iconv_close(cd);
	return out;
}

static struct qun_buf gzipped(struct qun_span text)
{
	struct qun_buf out = {0};
	z_stream z = {.next_in = (unsigned char *)(uintptr_t)text.ptr, .avail_in = (unsigned)text.len};

	deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	qun_buf_reserve(&out, deflateBound(&z, text.len));
	z.next_out = (unsigned char *)out.ptr;
	z.avail_out = (unsigned)out.cap;
	deflate(&z, Z_FINISH);
	out.len = z.total_out;
	deflateEnd(&z);
	return out;
}

static struct qun_buf zstd_packed(struct qun_span text)
{
	struct qun_buf out = {0};

	qun_buf_reserve(&out, ZSTD_compressBound(text.len));
	out.len = ZSTD_compress(out.ptr, out.cap, text.ptr, text.len, 3);
	return out;
}

static void same_events(const char *name, struct qun_buf bytes, const char *encoding, const char *want)
{
	struct read r;
	const struct qun_input_conf conf = {.encoding = encoding};

	read_path(&r, scratch_file("variant", qun_buf_span(&bytes)), &conf);
	is(r.rc < 0 ? r.err.msg : r.text.ptr, want, name);
	ok(adds_up(&r) && r.n.bad == 0, name);
	read_release(&r);
	qun_buf_release(&bytes);
}

static void test_variants(void)
{
	static const char text[] = "ts,user,text\n2024-01-01 00:00:00,张三,你好\n2024-01-01 00:00:01,李四,\"再见,朋友\"\n";
	static const char want[] = "1704067200|-|张三|message|你好||;1704067201|-|李四|message|再见,朋友||;";
	struct qun_span plain = qun_span_of(text);
	struct qun_buf twice = gzipped((struct qun_span){text, 30}), more = gzipped((struct qun_span){text + 30, plain.len - 30});
	struct qun_buf broken = gzipped(plain), big = {0}, cut_short;
	struct read r;
	const struct qun_input_conf conf = {0};

	same_events("UTF-8", encoded(text, "UTF-8", ""), NULL, want);
	same_events("UTF-8 with a mark", encoded(text, "UTF-8", "\xef\xbb\xbf"), NULL, want);
	same_events("UTF-16LE", encoded(text, "UTF-16LE", "\xff\xfe"), NULL, want);
	same_events("UTF-16BE", encoded(text, "UTF-16BE", "\xfe\xff"), NULL, want);
	same_events("GB18030", encoded(text, "GB18030", ""), NULL, want);
	same_events("GB18030 by name", encoded(text, "GB18030", ""), "gbk", want);
	same_events("gzip", gzipped(plain), NULL, want);
	same_events("zstd", zstd_packed(plain), NULL, want);
	qun_buf_add_span(&twice, qun_buf_span(&more));
	same_events("two gzip members", twice, NULL, want);
	qun_buf_release(&more);

	broken.len -= 9;
	read_path(&r, scratch_file("broken", qun_buf_span(&broken)), &conf);
	ok(r.rc == QUN_EDATA && strstr(r.err.msg, "cut off"), "gzip cut off");
	read_release(&r);
	cut_short = zstd_packed(plain);
	cut_short.len -= 5;
	read_path(&r, scratch_file("broken", qun_buf_span(&cut_short)), &conf);
	ok(r.rc == QUN_EDATA && strstr(r.err.msg, "cut off"), "zstd cut off");
	read_release(&r);
	qun_buf_release(&broken);
	qun_buf_release(&cut_short);

	/* more than one read, more than is held, a character across every border */
	qun_buf_add_text(&big, "ts,user,text\n");
	for (int i = 0; i < 60000; i++)
		qun_buf_printf(&big, "%d,用户%d,\"第%d条\n消息\"\n", 1704067200 + i, i % 99, i);
	qun_buf_add_char(&big, '\0');
	read_path(&r, scratch_file("big", (struct qun_span){big.ptr, big.len - 1}), &conf);
	ok(r.rc == 0 && r.n.used == 60000 && adds_up(&r), "many chunks");
	struct qun_buf gb = encoded(big.ptr, "GB18030", ""), packed = gzipped(qun_buf_span(&gb));
	char *events = r.text.ptr;
	qun_buf_release(&r.bads);
	read_path(&r, scratch_file("big", qun_buf_span(&packed)), &conf);
	ok(r.rc == 0 && strcmp(r.text.ptr, events) == 0, "many chunks, gzip of GB18030");
	read_release(&r);
	free(events);
	qun_buf_release(&gb);
	qun_buf_release(&packed);
	qun_buf_release(&big);
}

/* JSON whose beginning says little: what comes first may be longer than what is held. */
static void test_long_beginnings(void)
{
	static const struct {
		const char *name, *before, *after;
		size_t pad;
		uint64_t used, bad;
		bool refused;
	} want[] = {
		{"a first record of 2 MiB", "[{\"ts\":1704067200,\"user\":\"a\",\"text\":\"",
			"\"},\n{\"ts\":1704067201,\"user\":\"b\"}]", 2 << 20, 1, 1, false},
		{"a first line of 2 MiB", "{\"ts\":1704067200,\"user\":\"a\",\"text\":\"",
			"\"}\n{\"ts\":1704067201,\"user\":\"b\"}\n", 2 << 20, 1, 1, false},
		{"pictures of 20 MiB before the records", "{\"avatars\":{\"a\":\"",
			"\"},\"messages\":[{\"ts\":1704067200,\"user\":\"a\"}]}", 20 << 20, 1, 0, false},
		{"pictures of 2 MiB before the records", "{\"avatars\":[{\"a\":\"",
			"\"}],\"messages\":[{\"ts\":1704067200,\"user\":\"a\"}]}", 2 << 20, 1, 0, false},
		{"a first record beyond all limits is not passed over", "[{\"ts\":1704067200,\"user\":\"a\",\"text\":\"",
			"\"},{\"ts\":1704067201,\"user\":\"b\"}]", 20 << 20, 0, 0, true},
		{"a later one is bad", "[{\"ts\":1704067200,\"user\":\"a\"},{\"ts\":1704067200,\"user\":\"a\",\"text\":\"",
			"\"},{\"ts\":1704067201,\"user\":\"b\"}]", 20 << 20, 2, 1, false},
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		const struct qun_input_conf conf = {0};
		struct qun_buf text = {0};
		struct read r;
		qun_buf_add_text(&text, want[i].before);
		qun_buf_reserve(&text, want[i].pad);
		memset(text.ptr + text.len, 'x', want[i].pad);
		text.len += want[i].pad;
		qun_buf_add_text(&text, want[i].after);
		read_path(&r, scratch_file("long", qun_buf_span(&text)), &conf);
		bool good = want[i].refused ? r.rc < 0 : r.rc == 0 && r.n.used == want[i].used && r.n.bad == want[i].bad && adds_up(&r);
		ok(good, want[i].name);
		if (!good)
			printf("# rc %d %s used %" PRIu64 " bad %" PRIu64 "\n", r.rc, r.err.msg, r.n.used, r.n.bad);
		read_release(&r);
		qun_buf_release(&text);
	}
}

/* Latin-1 and broken UTF-8 are bad records, not Chinese. */
static void test_damage(void)
{
	static const char *const texts[] = {
		"ts,user\n1,Jos\xe9 Tom\n2,M\xfcller\n3,Fran\xe7ois\n4,Andr\xe9s\n5,Zo\xeb\n6,R\xfc" "bens\n",
		"ts,user\n1,张三\n2,张\xe5\n3,李四\n4,王五\n5,x\n6,y\n",
	};
	static const uint64_t bad[] = {6, 1};
	const struct qun_input_conf conf = {0};
	struct read r;

	for (size_t i = 0; i < 2; i++) {
		read_path(&r, scratch_file("damage", qun_span_of(texts[i])), &conf);
		ok(r.rc == 0 && r.n.read == 6 && r.n.bad == bad[i] && adds_up(&r), "bytes that are no UTF-8");
		read_release(&r);
	}
}

static void test_side_files(void)
{
	struct qun_cal cal = {.zone = zone, .week_start = 1};
	struct qun_alias *alias = NULL;
	struct qun_roster *roster = NULL;
	struct qun_staff *staff = NULL;
	struct qun_err err = {0};
	const struct qun_roster_line *line;

	int rc = qun_alias_read(&alias, scratch_file("alias", qun_span_of("id,canonical\n138,a\nb,138\n")), &err);
	ok(rc == 0 && qun_span_is(qun_alias_of(alias, qun_span_of("b")), "a") &&
		qun_span_is(qun_alias_of(alias, qun_span_of("z")), "z"), "aliases lead on");
	rc = qun_alias_read(&alias, scratch_file("alias", qun_span_of("a,b\n")), &err);
	ok(rc == QUN_EDATA, "aliases in a circle");
	qun_alias_close(alias);
	alias = NULL;
	rc = qun_alias_read(&alias, scratch_file("alias", qun_span_of("x,y\nx,z\n")), &err);
	ok(rc == QUN_EDATA && err.line == 2, "an id with two canonical ones");
	qun_alias_close(alias);

	qun_roster_open(&roster);
	rc = qun_roster_read(roster, scratch_file("roster", qun_span_of("群名,用户,昵称,入群时间,left,角色\nG,a,甲,2024-01-01,,owner\nG,b,,,2024-01-02 00:00:00,\n")),
		&cal, NULL, &err);
	line = rc == 0 ? qun_roster_find(roster, qun_span_of("G"), qun_span_of("a")) : NULL;
	ok(line && line->joined == 1704067200 * QUN_SECOND && line->left == QUN_NEVER && qun_span_is(line->role, "owner") &&
		qun_span_is(line->name, "甲"), "a roster");
	rc = qun_roster_read(roster, scratch_file("roster", qun_span_of("group,user,joined\nG,a,soon\n")), &cal, NULL, &err);
	ok(rc == QUN_EDATA && err.line == 2, "a roster with a bad time");
	rc = qun_roster_read(roster, scratch_file("roster", qun_span_of("a,b\n")), &cal, NULL, &err);
	ok(rc == QUN_EUSAGE, "a roster without users");
	qun_roster_close(roster);

	qun_staff_open(&staff);
	rc = qun_staff_read(staff, " s1 ,s2", NULL, &err);
	ok(rc == 0 && qun_staff_has(staff, qun_span_of("s1")) && qun_staff_has(staff, qun_span_of("s2")), "staff as a list");
	rc = qun_staff_read(staff, scratch_file("staff", qun_span_of("s3\ns4\n")), NULL, &err);
	ok(rc == 0 && qun_staff_has(staff, qun_span_of("s3")) && qun_staff_has(staff, qun_span_of("s4")), "staff line by line");
	rc = qun_staff_read(staff, scratch_file("staff", qun_span_of("name,user\nx,s5\n")), NULL, &err);
	ok(rc == 0 && qun_staff_has(staff, qun_span_of("s5")) && !qun_staff_has(staff, qun_span_of("x")), "staff by column");
	ok(qun_staff_read(staff, "no/such.csv", NULL, &err) == QUN_EIO, "a file that is not there is nobody's id");
	qun_staff_close(staff);
}

static int each_member(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	qun_buf_printf(arg, "%.*s=%d:%.*s;", (int)key.len, key.len ? key.ptr : "", cell->kind, (int)cell->s.len, cell->s.ptr);
	return 0;
}

static void test_json_each(void)
{
	struct qun_buf out = {0};
	static const char object[] = " {\"a\" : \"x\\ty\", \"b\":[1, {\"c\":2}],\"\\u0064\":null ,\"e\":-1.50e2,\"f\":true} ";

	ok(qun_json_each(qun_span_of(object), each_member, &out) == 0, "members of an object");
	qun_buf_add_char(&out, '\0');
	is(out.ptr, "a=2:x\ty;b=5:[1, {\"c\":2}];d=1:null;e=3:-1.50e2;f=4:true;", "members of an object");
	qun_buf_clear(&out);
	ok(qun_json_each(qun_span_of("[1,\"\",[]]"), each_member, &out) == 0, "elements of an array");
	qun_buf_add_char(&out, '\0');
	is(out.ptr, "=3:1;=2:;=5:[];", "elements of an array");
	ok(qun_json_each(qun_span_of("{\"a\":"), each_member, &out) == QUN_EDATA, "no JSON");
	ok(qun_json_each(qun_span_of("7"), each_member, &out) == QUN_EDATA, "no members");
	qun_buf_release(&out);
}

static void test_aliases(void)
{
	static const struct {
		const char *name;
		int field;
	} want[] = {{"Order ID", QUN_F_ORDER_ID}, {"\xef\xbb\xbf\"ts\" ", QUN_F_TS}, {"收货地址", -1}, {"訂單編號", QUN_F_ORDER_ID},
		{"宝贝标题 ", QUN_F_PRODUCT}, {"", -1}, {"\"", -1}, {"refund", QUN_F_REFUND}, {"Created (UTC)", QUN_F_TS}};
	bool same = true;

	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++)
		same &= qun_header_field(qun_span_of(want[i].name)) == want[i].field;
	for (int i = 0; i < QUN_NFIELDS; i++) {
		unsigned rank = 1;
		same &= qun_alias_field(qun_span_of(qun_field_name(i)), &rank) == i && rank == 0;
	}
	ok(same, "header aliases; canonical names come first");
}

/* Hostile files: none may crash or hang, and all must add up. */
static const char *hostile(const char *name)
{
	static char path[512];
	const char *shared = getenv("QUN_SHARED");

	snprintf(path, sizeof(path), "%s/data/hostile/%s", shared ? shared : "../shared", name);
	return path;
}

/* y_ files are values, though not all of them records; n_ files are none. */
static bool verdict(const char *name, const struct read *r)
{
	/* by intention: blank input is empty input, documents may follow one another, keys neither repeat nor
	 * hold a NUL */
	static const char *const differs[] = {"n_structure_no_data.json", "n_structure_UTF8_BOM_no_data.json",
		"n_single_space.json", "n_structure_double_array.json", "y_object_duplicated_key.json",
		"y_object_duplicated_key_and_value.json", "y_object_escaped_null_in_key.json"};
	bool complained = r->rc < 0;

	for (size_t i = 0; i < sizeof(differs) / sizeof(*differs); i++) {
		if (strcmp(name, differs[i]) == 0)
			return true;
	}
	for (const char *p = r->bads.ptr; *p; p = strchr(p, ';') + 1) {
		const char *end = strchr(p, ';'), *object = strstr(p, "a record must be an object");
		complained |= name[0] == 'n' || ((!object || object > end) && !strstr(p, " nul "));
	}
	return name[0] == 'i' || complained == (name[0] == 'n');
}

static void test_folder(const char *folder, const struct qun_input_conf *conf, bool judged, int *files, int *wrong)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[1024];
		struct stat st;
		struct read r;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] == '.' || stat(path, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			test_folder(path, conf, judged, files, wrong);
			continue;
		}
		read_path(&r, path, conf);
		++*files;
		bool good = (r.rc < 0 || adds_up(&r)) && (!judged || verdict(entry->d_name, &r));
		*wrong += !good;
		if (!good)
			printf("# %s: rc %d %s, read %" PRIu64 " bad %" PRIu64 ": %.300s\n", entry->d_name, r.rc, r.err.msg,
				r.n.read, r.n.bad, r.bads.ptr);
		read_release(&r);
	}
	if (dir)
		closedir(dir);
}

static void test_hostile(void)
{
	static const char *set[] = {"ts=2024-01-01", "user=u"};
	static const char *map[] = {"ts=1", "user=1"};
	const struct {
		const char *name;
		bool judged;
		struct qun_input_conf conf;
	} folders[] = {
		{"json_test_suite", true, {.from = "json", .set = {set, 2}}},
		{"json_test_suite", false, {0}},
		{"csv_spectrum", false, {.set = {set, 2}}},
		{"duckdb_csv", false, {.from = "csv", .set = {set, 2}}},
		{"duckdb_csv", false, {.from = "csv", .map = {map, 2}, .no_header = true}},
		{"zsv", false, {.from = "csv", .set = {set, 2}}},
		{"naughty_strings", false, {.set = {set, 2}}},
		{"gb18030", false, {0}},
	};

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		char path[512];
		int files = 0, wrong = 0;
		snprintf(path, sizeof(path), "%s", hostile(folders[i].name));
		test_folder(path, &folders[i].conf, folders[i].judged, &files, &wrong);
		if (!files)
			printf("ok %d - %s # SKIP not there\n", ++count, folders[i].name);
		else
			ok(!wrong, folders[i].name);
		printf("# %d files\n", files);
	}
}

/* The same log in three encodings. */
static void test_encodings(void)
{
	static const char *const files[] = {"gb18030/funnel_zh.csv", "gb18030/funnel_zh.utf16le.csv",
		"gb18030/funnel_zh.utf8bom.csv"};
	struct read r[3];

	for (int i = 0; i < 3; i++) {
		const struct qun_input_conf conf = {0};
		if (access(hostile(files[i]), R_OK) != 0) {
			printf("ok %d - encodings # SKIP not there\n", ++count);
			return;
		}
		read_path(&r[i], hostile(files[i]), &conf);
	}
	ok(r[0].rc == 0 && r[0].n.used > 0 && strcmp(r[0].text.ptr, r[1].text.ptr) == 0 &&
		strcmp(r[0].text.ptr, r[2].text.ptr) == 0, "one log in three encodings");
	if (r[0].rc < 0 || !r[0].n.used)
		printf("# rc %d %s\n", r[0].rc, r[0].err.msg);
	for (int i = 0; i < 3; i++)
		read_release(&r[i]);
}

static void test_folders(void)
{
	struct read r;
	const struct qun_input_conf conf = {0};
	char folder[128], path[192];

	snprintf(folder, sizeof(folder), "%s/folder", scratch);
	mkdir(folder, 0700);
	scratch_file("folder/b.csv", qun_span_of("ts,user\n2,b\n"));
	scratch_file("folder/a.csv", qun_span_of("ts,user\n1,a\n"));
	scratch_file("folder/picture.jpg", qun_span_of("ts,user\n3,c\n"));
	read_path(&r, folder, &conf);
	is(r.text.ptr, "1|-|a|message|||;2|-|b|message|||;", "a folder is its files in order");
	read_release(&r);
	read_path(&r, "no/such/file", &conf);
	ok(r.rc == QUN_EIO && strcmp(r.err.file, "no/such/file") == 0, "a file that is not there");
	read_release(&r);
	static const char *const names[] = {"a.csv", "b.csv", "picture.jpg"};
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

static void remove_scratch(void)
{
	DIR *dir = opendir(scratch);
	struct dirent *entry;
	char path[400];

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", scratch, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	if (dir)
		closedir(dir);
	rmdir(scratch);
}

int main(void)
{
	struct qun_err err = {0};

	snprintf(scratch, sizeof(scratch), "%s/qun-input-%s", P_tmpdir, "XX" "XX" "XX");
	if (!mkdtemp(scratch) || qun_zone_open(&zone, "UTC", &err) < 0) {
		printf("Bail out! no scratch folder or zone\n");
		return 99;
	}
	test_cutters();
	test_random();
	test_aliases();
	test_json_each();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		test_case(&cases[i]);
	test_variants();
	test_long_beginnings();
	test_damage();
	test_side_files();
	test_folders();
	test_encodings();
	test_hostile();
	remove_scratch();
	qun_zone_close(zone);
	printf("1..%d\n", count);
	return failed != 0;
}
