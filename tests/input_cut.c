/*
 * Cutters fed in portions of every size, and what they say of damaged bytes; members of a JSON value,
 * and fields by the names of headers.
 */
#include "input/cut.h"
#include "input/header.h"
#include "input/pick.h"
#include "qun/input.h"
#include "tap.h"
#include "xorshift.h"

#include <inttypes.h>
#include <stdlib.h>

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
	uint64_t seed = XORSHIFT_SEED;
	char text[120];
	bool same = true;

	for (int round = 0; same && round < 6000; round++) {
		bool is_csv = round & 1;
		const char *alphabet = is_csv ? csv : json;
		size_t n = is_csv ? sizeof(csv) - 1 : sizeof(json) - 1, len = 0;
		for (; len < sizeof(text) - 1; len++) {
			text[len] = alphabet[(xorshift(&seed) >> 32) % n];
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

int main(void)
{
	test_cutters();
	test_random();
	test_aliases();
	test_json_each();
	printf("1..%d\n", tests);
	return failures > 0;
}
