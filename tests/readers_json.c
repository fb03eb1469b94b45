/*
 * The fast JSON reader against the reference, on generated files: regular ones, and damaged in every
 * way. First the cutters alone, in portions of all sizes: the same records, damage, lines and offsets.
 * Then whole files from bytes to events: the same events, counts and messages. Lanes take turns.
 * QUN_RECORDS is the number of records.
 */
#include "json_text.h"
#include "twins_json.h"
#include "xorshift.h"

#include <dirent.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { RECORDS = 200000 };
#else
enum { RECORDS = 5000000 };
#endif
enum { LONGEST = 400, DEEPEST = 9, LONGEST_FIELD = 150 }; /* limits that some of what is generated breaks */

static int count, failed;

static void ok(bool good, const char *name, uint64_t n, const char *what)
{
	printf("%sok %d - %s\n# %" PRIu64 " %s\n", good ? "" : "not ", ++count, name, n, what);
	failed += !good;
}

enum shape { LINES, BARE, NESTED, CHATS, SHAPES };

/* What comes between two elements. */
static void text_gap(struct text *t, bool array)
{
	static const char *const after[] = {"\n", "\n", "\n", "", " ", "\n  ", "\r\n", "\n\t", "\n\n", " \n"};
	static const char *const odd[] = {"", ",", ",,", "\f", "x", "]", "}", "\"", "\n{", "\n[", "\n# comment\n", "\xef\xbb\xbf", "\n]\n", "1",
		"null,", ",[]", ",{}", "\\"};
	const char *gap = after[(t->shape + (text_random(t) % 16 == 0)) % (sizeof(after) / sizeof(*after))];

	bool leads = t->shape % 6 == 1; /* the comma begins the line */

	text_nul(t);
	if (text_is_odd(t))
		text_add(t, TEXT_PICK(t, odd));
	if (array && !leads)
		text_add(t, text_is_odd(t) ? "" : ",");
	text_add(t, !array && !*gap && text_random(t) % 2 ? "\n" : gap);
	if (array && leads)
		text_add(t, text_is_odd(t) ? "" : text_random(t) % 4 ? "," : ", ");
}

/* A member of Telegram's, rarely with another value. */
static void text_member(struct text *t, const char *key, const char *value)
{
	static const char *const odd[] = {"null", "7", "true", "\"\"", "\" x \"", "[]", "[\"a\",{\"type\":\"bold\",\"text\":\"b\"},3]", "{}",
		"\"service\"", "\"unsupported\"", "\"'1\"", "1704067200", "\"2024-01-01T10:00:00.5\"", "\"\\u0078\"", "\"message\\u0020\""};
	bool missing = text_random(t) % 40 == 0;

	if (!missing)
		qun_buf_printf(t->out, "\"%s\":%s%s,%s", key, *t->open ? " " : "",
			text_random(t) % 40 == 0 ? TEXT_PICK(t, odd) : value, t->open);
}

/* As Telegram has them: a few names, some of which several people bear, and who comes and goes. */
static void text_message(struct text *t, unsigned i)
{
	static const char *const action[] = {"invite_members", "join_group_by_link", "remove_members", "create_group", "pin_message"};
	static const char *const entities[] = {"[]", "[ ]", "[{\"type\":\"plain\",\"text\":\"[x]\"}]",
		"[\n    {\n     \"type\": \"plain\",\n     \"text\": \"a\"\n    },\n    {\"type\": \"link\",\"type\":1}\n   ]",
		"[[1,2],{\"a\":{\"b\":[{}]}}]"};
	unsigned user = (unsigned)(text_random(t) % 9);
	char value[64];

	text_add(t, "{");
	text_add(t, t->open);
	snprintf(value, sizeof(value), "%u", i);
	text_member(t, "id", value);
	text_member(t, "type", text_random(t) % 16 ? "\"message\"" : "\"service\"");
	if (text_random(t) % 32 == 0) {
		snprintf(value, sizeof(value), "\"%s\"", TEXT_PICK(t, action));
		text_member(t, "action", value);
		text_member(t, "actor_id", "\"user1\"");
		text_member(t, "actor", "\"n1\"");
		text_member(t, "members", "[\"n2\",\"n7\",null]");
	}
	snprintf(value, sizeof(value), "\"2024-01-01T10:%02u:%02u\"", i / 60 % 60, i % 60);
	text_member(t, "date", value);
	snprintf(value, sizeof(value), t->shape % 2 ? "\"%u\"" : "%u", 1704067200 + i);
	if (t->shape % 4 < 3)
		text_member(t, "date_unixtime", value);
	snprintf(value, sizeof(value), "\"n%u\"", text_random(t) % 16 ? user % 6 : i % 50);
	text_member(t, "from", value);
	snprintf(value, sizeof(value), "\"user%u\"", user);
	text_member(t, "from_id", value);
	text_member(t, "text_entities", TEXT_PICK(t, entities));
	qun_buf_printf(t->out, "\"text\":%s", text_is_odd(t) ? "bare [words] go on\n" : "");
}

/* A record of a log: canonical, or as Telegram has them, whose rules are laxer. */
static void text_record(struct text *t, unsigned i, bool telegram)
{
	if (telegram)
		text_message(t, i);
	else
		qun_buf_printf(t->out, "{\"ts\":%u,\"user\":\"u%u\",\"text\":", 1704067200 + i, (unsigned)(text_random(t) % 9));
	text_string(t);
	text_add(t, text_is_odd(t) ? "]}" : "}");
}

static void text_elements(struct text *t, size_t n, bool array, bool telegram)
{
	text_shape(t);
	for (size_t i = 0; i < n; i++) {
		if (i)
			text_gap(t, array);
		if (text_random(t) % 64 == 0)
			text_shape(t);
		if (text_random(t) % 3)
			text_record(t, (unsigned)i, telegram);
		else
			text_element(t);
	}
	text_add(t, text_is_odd(t) ? "" : "\n");
}

/* The first record settles what the file is; from then on the fast reader may be fast. */
static void make_file(struct text *t, enum shape shape, size_t n, bool telegram)
{
	static const char *const message[] = {
		"{\"id\":1,\"type\":\"message\",\"date\":\"2024-01-01T10:00:00\",\"from\":\"x\",\"text\":\"\"}",
		"{\"id\":1,\"type\":\"message\",\"date\":\"2024-01-01T10:00:00\",\"date_unixtime\":\"1704067200\",\"from\":\"x\",\"text\":\"\"}"};
	const char *first = telegram ? TEXT_PICK(t, message) : "{\"ts\":1704067200,\"user\":\"first\"}";

	qun_buf_clear(t->out);
	if (shape == LINES) {
		qun_buf_printf(t->out, "%s\n[]\n", first);
		text_elements(t, n, false, telegram);
	} else if (shape == BARE) {
		qun_buf_printf(t->out, "[%s]\n[", first);
		text_elements(t, n, true, telegram);
		text_add(t, "]");
	} else if (shape == NESTED) {
		qun_buf_printf(t->out, "{\"name\":\"x\",\"messages\":[%s]}\n{\"id\":7,\"messages\": [\n", first);
		text_elements(t, n, true, telegram);
		text_add(t, "],\"z\":1}");
	} else {
		qun_buf_printf(t->out, "{\"chats\":{\"list\":[{\"id\":1,\"messages\":[%s]}", first);
		for (size_t at = 0; at < n; at += n / 3 + 1) {
			text_add(t, ",\n{\"id\":2,\"messages\":[");
			text_elements(t, n / 3 + 1, true, telegram);
			text_add(t, "]}");
		}
		text_add(t, "]}}");
	}
	if (text_is_odd(t))
		t->out->len -= t->out->len / 2; /* cut off */
}

/* A lane that this machine has, each in turn. */
static enum qun_lane lane_of(uint64_t i)
{
	enum qun_lane lane = (enum qun_lane)(QUN_LANE_PLAIN + i % (QUN_LANES - QUN_LANE_PLAIN));

	return qun_lane_of(lane);
}

static void test_cutters(unsigned odd, const char *name, uint64_t records)
{
	static const size_t largest[] = {1 << 20, 257, 40, 3000, 7};
	struct qun_buf file = {0};
	struct text t = {.out = &file, .state = XORSHIFT_SEED + odd, .odd = odd};
	uint64_t files = 0, read = 0, batched = 0;
	bool same = true;

	for (; same && read < records; files++) {
		struct twin_json j = {.cells = files % 16 == 0, .largest = TEXT_PICK(&t, largest), .portions = 1 + text_random(&t),
			.conf = {.max_record = LONGEST, .max_depth = DEEPEST, .line = 1, .lane = lane_of(files)}};
		struct twin fast;
		make_file(&t, text_random(&t) % SHAPES, 1 + text_random(&t) % 80, false);
		same = twins_agree(j, qun_buf_span(&file), &fast);
		read += fast.records;
		batched += fast.batched;
	}
	ok(same && batched > read / 10, name, read, "records cut");
	printf("# %" PRIu64 " of them in batches, %" PRIu64 " files\n", batched, files);
	qun_buf_release(&file);
}

static struct qun_zone *zone;
static int fd;

/* The file by the reference and by one lane: do they agree? */
static bool agree(struct qun_span file, const char *from, enum qun_lane lane, uint64_t *read)
{
	const struct qun_cal cal = {.zone = zone, .week_start = 1};
	struct qun_input_conf conf = {.cal = &cal, .from = from, .reader = QUN_READER_REFERENCE, .lane = lane, .max_record = LONGEST,
		.max_field = LONGEST_FIELD, .max_depth = DEEPEST};
	struct twin twin[2] = {{0}, {0}};
	struct qun_buf text[2] = {{0}, {0}};
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (ftruncate(fd, 0) != 0 || pwrite(fd, file.ptr, file.len, 0) != (ssize_t)file.len)
		return false;
	for (int show = 0; show < 2; show++) {
		for (int i = 0; i < 2; i++) {
			twin[i] = (struct twin){.text = show ? &text[i] : NULL};
			conf.reader = i ? QUN_READER_FAST : QUN_READER_REFERENCE;
			twin_read(&twin[i], &conf, path);
		}
		if (twin[0].hash == twin[1].hash) {
			*read += twin[0].records + twin[0].bad;
			return true;
		}
	}
	printf("# lane %s\n", qun_lane_name(lane));
	twin_show(stdout, &text[0], &text[1]);
	qun_buf_release(&text[0]);
	qun_buf_release(&text[1]);
	return false;
}

static void test_events(unsigned odd, const char *from, const char *name, uint64_t records)
{
	struct qun_buf file = {0};
	struct text t = {.out = &file, .state = 2463534242u + odd, .odd = odd};
	uint64_t files = 0, read = 0;
	bool same = true;

	for (; same && read < records; files++) {
		bool telegram = strcmp(from, "telegram") == 0;
		make_file(&t, telegram ? NESTED + text_random(&t) % 2 : text_random(&t) % SHAPES, 1 + text_random(&t) % 500, telegram);
		same = agree(qun_buf_span(&file), from, lane_of(files), &read);
	}
	ok(same, name, read, "records read");
	qun_buf_release(&file);
}

/* Every file of a set as a record and as a value in one, which the readers and its name agree about. */
static bool try_text(const char *name, struct qun_span text, uint64_t *read)
{
	static const char *const wrap[][2] = {{"", "\n"}, {"{\"ts\":1,\"user\":\"x\",\"v\":", "}\n"}, {"{\"text\":", ",\"ts\":1,\"user\":\"x\"}\n"}};
	struct qun_buf file = {0};
	bool same = true;

	for (size_t i = 0; same && i < sizeof(wrap) / sizeof(*wrap); i++) {
		qun_buf_clear(&file);
		qun_buf_add_text(&file, "{\"ts\":1704067200,\"user\":\"first\"}\n[]\n");
		for (int times = 0; times < 3; times++) {
			qun_buf_add_text(&file, "{\"ts\":1,\"user\":\"x\",\"v\":1,\"text\":\"\"}\n");
			qun_buf_add_text(&file, wrap[i][0]);
			qun_buf_add_span(&file, text);
			qun_buf_add_text(&file, wrap[i][1]);
		}
		for (uint64_t lane = 0; same && lane < QUN_LANES - QUN_LANE_PLAIN; lane++)
			same = agree(qun_buf_span(&file), "json", lane_of(lane), read);
	}
	if (!same)
		printf("# %s\n", name);
	qun_buf_release(&file);
	return same;
}

static void test_suite(void)
{
	const char *shared = getenv("QUN_SHARED");
	char path[512];
	struct dirent *entry;
	uint64_t files = 0, read = 0, wrong = 0;

	snprintf(path, sizeof(path), "%s/data/hostile/json_test_suite", shared ? shared : "../shared");
	DIR *dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		static char bytes[1 << 20];
		char name[1024];
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		FILE *f = entry->d_name[0] == '.' ? NULL : fopen(name, "rb");
		if (!f)
			continue;
		size_t len = fread(bytes, 1, sizeof(bytes), f);
		fclose(f);
		files++;
		wrong += !try_text(entry->d_name, (struct qun_span){bytes, len}, &read);
	}
	if (dir)
		closedir(dir);
	if (files)
		ok(!wrong, "JSONTestSuite", files, "files");
	else
		printf("ok %d - JSONTestSuite # SKIP not there\n", ++count);
}

int main(void)
{
	const char *asked = getenv("QUN_RECORDS");
	uint64_t records = asked ? strtoull(asked, NULL, 10) : RECORDS;
	struct qun_err err;

	fd = memfd_create("readers", 0);
	if (fd < 0 || qun_zone_open(&zone, "UTC", &err) < 0)
		return 99;
	test_cutters(0, "cutters, files as programs write them", records / 5);
	test_cutters(150, "cutters, files with some damage", records * 2 / 5);
	test_cutters(12, "cutters, files full of damage", records / 10);
	test_events(0, "json", "events, files as programs write them", records / 10);
	test_events(150, "json", "events, files with some damage", records / 10);
	test_events(12, "json", "events, files full of damage", records / 20);
	test_events(0, "telegram", "events of Telegram, as it writes them", records / 10);
	test_events(150, "telegram", "events of Telegram, with some damage", records / 20);
	test_suite();
	qun_zone_close(zone);
	close(fd);
	printf("1..%d\n", count);
	return failed != 0;
}
