/*
 * The fast JSON reader against the reference, on generated files: regular ones, and damaged in every
 * way. First the cutters alone, in portions of all sizes: the same records, damage, lines and offsets.
 * Then whole files from bytes to events: the same events, counts and messages. Lanes take turns.
 */
#include "input/cut.h"
#include "qun/input.h"

#include "json_text.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* ------------------------------------------------------------------ files */

enum shape { LINES, BARE, NESTED, CHATS, SHAPES };

/* What comes between two elements. */
static void text_gap(struct text *t, bool array)
{
	static const char *const after[] = {"\n", "\n", "\n", "", " ", "\n  ", "\r\n", "\n\t", "\n\n", " \n"};
	static const char *const odd[] = {"", ",", ",,", "\f", "x", "]", "}", "\"", "\n{", "\n[", "\n# comment\n", "\xef\xbb\xbf", "\n]\n", "1",
		"null,", ",[]", ",{}", "\\", "\0"};
	const char *gap = after[(t->shape + (text_random(t) % 16 == 0)) % (sizeof(after) / sizeof(*after))];

	if (text_is_odd(t))
		text_add(t, TEXT_PICK(t, odd));
	if (array)
		text_add(t, text_is_odd(t) ? "" : ",");
	text_add(t, !array && !*gap && text_random(t) % 2 ? "\n" : gap);
}

/* A record of a log: canonical, or as Telegram has them, whose rules are laxer. */
static void text_record(struct text *t, unsigned i, bool telegram)
{
	unsigned user = (unsigned)(text_random(t) % 9);

	if (telegram)
		qun_buf_printf(t->out, "{%s\"id\":%s%u,%s\"type\":%s\"message\",%s\"date\": \"2024-01-01T10:%02u:%02u\",%s\"from_id\":\"user%u\",%s"
			"\"text\":%s", t->open, *t->open ? " " : "", i, t->open, *t->open ? " " : "", t->open, i / 60 % 60, i % 60, t->open, user,
			t->open, text_is_odd(t) ? "bare [words] go on\n" : "");
	else
		qun_buf_printf(t->out, "{\"ts\":%u,\"user\":\"u%u\",\"text\":", 1704067200 + i, user);
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
	const char *first = telegram ? "{\"id\":1,\"type\":\"message\",\"date\":\"2024-01-01T10:00:00\",\"from\":\"x\",\"text\":\"\"}" :
		"{\"ts\":1704067200,\"user\":\"first\"}";

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

/* ------------------------------------------------------------------ cutters */

/* What a cutter says, as one text. */
struct log {
	struct qun_buf text;
	struct qun_span file;
	struct qun_cutter *cutter;
	bool fast, document;
	size_t held; /* length of text when the trial began */
	uint64_t records, batched;
};

static void log_place(struct log *l, char what, uint64_t line, uint64_t offset, struct qun_span raw)
{
	bool same = offset + raw.len <= l->file.len && (!raw.len || memcmp(raw.ptr, l->file.ptr + offset, raw.len) == 0);

	qun_buf_printf(&l->text, "%c%" PRIu64 "@%" PRIu64 "+%zu%s;", what, line, offset, raw.len, same ? "" : " other bytes");
}

static int log_record(void *arg, const struct qun_record *rec)
{
	struct log *l = arg;

	l->document |= rec->raw.len > 12 && memmem(rec->raw.ptr, rec->raw.len, "\"messages\"", 10);
	l->records++;
	log_place(l, 'r', rec->line, rec->offset, rec->raw);
	return 0;
}

static int log_batch(void *arg, const struct qun_batch *b)
{
	struct log *l = arg;
	const char *from = b->bytes.ptr;
	uint64_t line = b->line;

	for (size_t i = 0; i < b->n; i++) {
		const char *p = b->bytes.ptr + b->piece[i].from;
		for (; from < p; from++)
			line += *from == '\n';
		l->records++;
		log_place(l, 'r', line, b->offset + b->piece[i].from, (struct qun_span){p, b->piece[i].len});
	}
	l->batched += b->n;
	return b->offset + b->bytes.len <= l->file.len && b->n ? 0 : QUN_EDATA;
}

static int log_bad(void *arg, struct qun_bad *bad)
{
	struct log *l = arg;

	log_place(l, 'b', bad->line, bad->offset, bad->raw);
	qun_buf_printf(&l->text, "%s %s;", bad->kind, bad->why);
	return 0;
}

static int log_trial(void *arg)
{
	struct log *l = arg;

	l->held = l->text.len;
	l->document = false;
	return 0;
}

static int log_judge(void *arg, const char *path, bool lines)
{
	struct log *l = arg;

	if (l->document) {
		l->text.len = l->held;
		return 0;
	}
	qun_buf_printf(&l->text, "(%s%s)", path, lines ? " lines" : "");
	l->cutter->fast = l->fast;
	return 1;
}

static bool log_named(void *arg, const char *path)
{
	(void)arg;
	return strcmp(path, "messages") == 0 || strcmp(path, "chats.list.messages") == 0;
}

/* Portions: 0, all at once; else random ones up to so many bytes. */
static void cut(struct log *l, enum qun_lane lane, size_t portions, struct text *t)
{
	const struct qun_cut_conf conf = {.max_record = LONGEST, .max_depth = DEEPEST, .line = 1, .lane = lane};
	const struct qun_cut_sink sink = {l, log_record, log_batch, log_bad, log_trial, log_judge, log_named};
	struct qun_header *header = qun_header_open();
	struct qun_err err = {0};
	size_t left = 0, end = 0;
	int rc = qun_json_open(&l->cutter, &conf, &sink, header);

	while (rc == 0 && end < l->file.len) {
		size_t begin = end - left, portion = portions ? 1 + text_random(t) % portions : l->file.len;
		end = l->file.len - end < portion ? l->file.len : end + portion;
		/* a copy of its own, so that a read beyond it shows */
		char *copy = malloc(end - begin);
		if (!copy)
			break;
		memcpy(copy, l->file.ptr + begin, end - begin);
		rc = l->cutter->feed(l->cutter, (struct qun_span){copy, end - begin}, &err);
		left = l->cutter->left;
		free(copy);
	}
	if (rc == 0)
		rc = l->cutter->finish(l->cutter, (struct qun_span){l->file.ptr + l->file.len - left, left}, &err);
	l->cutter->close(l->cutter);
	qun_header_close(header);
	qun_buf_printf(&l->text, "rc %d", rc);
}

static void show_difference(struct qun_span file, struct qun_span want, struct qun_span have)
{
	size_t at = 0;

	while (at < want.len && at < have.len && want.ptr[at] == have.ptr[at])
		at++;
	size_t from = at > 60 ? at - 60 : 0;
	printf("# want ...%.*s\n# have ...%.*s\n", (int)(want.len - from < 200 ? want.len - from : 200), want.ptr + from,
		(int)(have.len - from < 200 ? have.len - from : 200), have.ptr + from);
	if (file.len < 3000)
		printf("# <<%.*s>>\n", (int)file.len, file.ptr);
}

/* A lane that this machine has, each in turn. */
static enum qun_lane lane_of(uint64_t i)
{
	enum qun_lane lane = (enum qun_lane)(QUN_LANE_PLAIN + i % (QUN_LANES - QUN_LANE_PLAIN));

	return qun_lane_of(lane);
}

static void test_cutters(unsigned odd, const char *name, uint64_t records)
{
	struct qun_buf file = {0};
	struct text t = {.out = &file, .state = 88172645463325252u + odd, .odd = odd};
	struct log want = {0}, have = {0};
	uint64_t files = 0, read = 0, batched = 0;
	bool same = true;

	for (; same && read < records; files++) {
		static const size_t portions[] = {0, 257, 40, 3000, 7};
		make_file(&t, (enum shape)(text_random(&t) % SHAPES), 1 + text_random(&t) % 80, false);
		want = (struct log){.text = want.text, .file = qun_buf_span(&file)};
		have = (struct log){.text = have.text, .file = qun_buf_span(&file), .fast = true};
		qun_buf_clear(&want.text);
		qun_buf_clear(&have.text);
		cut(&want, QUN_LANE_AUTO, 0, &t);
		cut(&have, lane_of(files), TEXT_PICK(&t, portions), &t);
		same = qun_span_eq(qun_buf_span(&want.text), qun_buf_span(&have.text));
		if (!same)
			show_difference(have.file, qun_buf_span(&want.text), qun_buf_span(&have.text));
		read += have.records;
		batched += have.batched;
	}
	ok(same && batched > read / 10, name, read, "records cut");
	printf("# %" PRIu64 " of them in batches, %" PRIu64 " files\n", batched, files);
	qun_buf_release(&want.text);
	qun_buf_release(&have.text);
	qun_buf_release(&file);
}

/* ------------------------------------------------------------------ events */

static struct qun_zone *zone;
static int fd;

static int log_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	struct qun_buf *text = arg;
	int rc = qun_buf_printf(text, "e%" PRId64, ev->ts);

	(void)err;
	for (int i = 0; rc == 0 && i < QUN_NFIELDS; i++) {
		rc = qun_buf_add_char(text, '|');
		rc = rc < 0 ? rc : qun_buf_add_span(text, ev->field[i]);
	}
	if (rc == 0 && ev->has_amount)
		rc = qun_buf_printf(text, "|%" PRId64, ev->amount);
	return rc;
}

static int log_bad_record(void *arg, const struct qun_bad *bad)
{
	struct qun_buf *text = arg;

	qun_buf_printf(text, "b%" PRIu64 "@%" PRIu64 " %s %s %s ", bad->line, bad->offset, bad->kind, bad->column ? bad->column : "-",
		bad->why);
	return qun_buf_add_span(text, bad->raw);
}

/* All that comes of the file. */
static uint64_t read_file(struct qun_buf *text, const char *from, enum qun_reader_kind reader, enum qun_lane lane)
{
	const struct qun_cal cal = {.zone = zone, .week_start = 1};
	const struct qun_input_conf conf = {.cal = &cal, .from = from, .reader = reader, .lane = lane, .max_record = LONGEST,
		.max_field = LONGEST_FIELD, .max_depth = DEEPEST};
	const struct qun_input_sink sink = {.arg = text, .event = log_event, .bad = log_bad_record};
	struct qun_input *in = NULL;
	struct qun_err err = {0};
	char path[64];
	int rc = qun_input_open(&in, &conf, &sink);

	qun_buf_clear(text);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (rc == 0)
		rc = qun_input_read(in, path, &err);
	struct qun_input_counts n = qun_input_counts(in);
	qun_buf_printf(text, "rc %d %s read %" PRIu64 " used %" PRIu64 " bad %" PRIu64 " filtered %" PRIu64, rc, rc < 0 ? err.msg : "",
		n.read, n.used, n.bad, n.filtered);
	qun_input_close(in);
	return n.read;
}

static bool write_file(struct qun_span file)
{
	return ftruncate(fd, 0) == 0 && pwrite(fd, file.ptr, file.len, 0) == (ssize_t)file.len;
}

/* The file by the reference and by one lane: do they agree? */
static bool agree(struct qun_span file, const char *from, enum qun_lane lane, uint64_t *read)
{
	static struct qun_buf want, have;

	if (!write_file(file))
		return false;
	*read += read_file(&want, from, QUN_READER_REFERENCE, QUN_LANE_AUTO);
	read_file(&have, from, QUN_READER_FAST, lane);
	bool same = qun_span_eq(qun_buf_span(&want), qun_buf_span(&have));
	if (!same)
		show_difference(file, qun_buf_span(&want), qun_buf_span(&have));
	return same;
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
	struct qun_err err;

	fd = memfd_create("readers", 0);
	if (fd < 0 || qun_zone_open(&zone, "UTC", &err) < 0)
		return 99;
	test_cutters(0, "cutters, files as programs write them", RECORDS / 5);
	test_cutters(150, "cutters, files with some damage", RECORDS * 2 / 5);
	test_cutters(12, "cutters, files full of damage", RECORDS / 10);
	test_events(0, "json", "events, files as programs write them", RECORDS / 10);
	test_events(150, "json", "events, files with some damage", RECORDS / 10);
	test_events(12, "json", "events, files full of damage", RECORDS / 20);
	test_events(150, "telegram", "events of Telegram, with some damage", RECORDS / 20);
	test_suite();
	qun_zone_close(zone);
	close(fd);
	printf("1..%d\n", count);
	return failed != 0;
}
