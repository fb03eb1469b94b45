/* Whole files: with every option, in every encoding and packing, long, damaged, in folders and beside the log. */
#include "input_read.h"

#include <dirent.h>
#include <iconv.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

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
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		test_case(&cases[i]);
	test_variants();
	test_long_beginnings();
	test_damage();
	test_side_files();
	test_folders();
	remove_scratch();
	qun_zone_close(zone);
	printf("1..%d\n", tests);
	return failures > 0;
}
