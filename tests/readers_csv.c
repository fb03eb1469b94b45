/*
 * The fast reader of CSV against libcsv: generated records, regular and hostile, in portions of every
 * size, by every lane. Both must say the same of rows, cells, damage and places, and of whole files the
 * same events and counts. QUN_RECORDS is the number of records.
 */
#include "twins_csv.h"
#include "xorshift.h"

#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { RECORDS = 200000 };
#else
enum { RECORDS = 5000000 };
#endif

static uint64_t state = XORSHIFT_SEED;

static uint64_t draw(uint64_t n)
{
	return (xorshift(&state) >> 20) % n;
}

static bool one_in(unsigned n)
{
	return n && draw(n) == 0;
}

/* What a document is like: one in so many cells or rows is …; 0: none. */
struct taste {
	char delimiter;
	size_t columns, cell; /* longest plain cell */
	unsigned quoted, broken, ragged, blank, crlf, text, odd, mark, giant;
};

static struct taste any_taste(void)
{
	static const unsigned rate[] = {0, 0, 2000, 300, 40, 7};
	struct taste t = {.delimiter = ",,,;\t|"[draw(6)], .columns = 1 + draw(9), .cell = 1 + draw(one_in(4) ? 90 : 14)};

	t.quoted = one_in(8) ? 1 : one_in(2) ? 3 + (unsigned)draw(60) : 0;
	t.broken = rate[draw(6)];
	t.odd = rate[draw(6)];
	t.ragged = rate[draw(6)];
	t.blank = rate[draw(6)];
	t.mark = rate[draw(5)];
	t.text = one_in(2) ? 6 : 0;
	t.giant = one_in(30) ? 1000 : 0;
	t.crlf = one_in(3) ? 1 : one_in(3) ? 2 : 0;
	return t;
}

static void add_text(struct qun_buf *out, size_t n)
{
	static const char words[] = "the order of 3.50 came at 2024-04-09 11:54:00 from wxid_k8 and is paid; see you there then, ";

	while (n > 0) {
		size_t from = draw(sizeof(words) - 40), len = n < 40 ? n : 40;
		for (size_t i = 0; i < len; i++) {
			char c = words[from + i];
			qun_buf_add_char(out, c == ',' || c == ';' ? '.' : c);
		}
		n -= len;
	}
}

/* Bytes that mean something to one reader or another, where they should not stand. */
static void add_odd(struct qun_buf *out, const struct taste *t)
{
	static const char *const odd[] = {"\"", "\"\"", "\r", "\n", "\r\n", "\xef\xbb\xbf", "\xef\xbb", "\xff", "\xc3", " ",
		"\t", "\x0b", "\x7f", "\\\"", "'", "\xe2\x80\xa8", "\xef\xbc\x8c", "\r\r", "\n\n", "\"\r"};

	switch (draw(8)) {
	case 0: qun_buf_add_char(out, '\0'); break;
	case 1: qun_buf_add_char(out, t->delimiter); break;
	default: qun_buf_add_text(out, odd[draw(sizeof(odd) / sizeof(*odd))]); break;
	}
}

static void add_plain(struct qun_buf *out, const struct taste *t)
{
	static const char *const chinese[] = {"今天", "好的", "，", "团购到了", "👍", "。"};
	size_t n = draw(t->cell + 1);

	if (!one_in(t->text)) {
		add_text(out, n);
		return;
	}
	for (size_t i = 0; i < n; i += 3)
		qun_buf_add_text(out, chinese[draw(6)]);
}

static void add_quoted(struct qun_buf *out, const struct taste *t, const char *eol)
{
	qun_buf_add_char(out, '"');
	for (uint64_t i = draw(4); i > 0; i--) {
		add_plain(out, t);
		switch (draw(4)) {
		case 0: qun_buf_add_text(out, "\"\""); break;
		case 1: qun_buf_add_text(out, eol); break;
		case 2: qun_buf_add_char(out, t->delimiter); break;
		default: break;
		}
	}
	qun_buf_add_char(out, '"');
}

/* Longer than what a cutter keeps waiting for. */
static void add_giant(struct qun_buf *out, const struct taste *t, const char *eol)
{
	qun_buf_add_char(out, '"');
	for (uint64_t i = 1 + draw(3000); i > 0; i--)
		qun_buf_printf(out, "a line of %d bytes in quotes%c%s", (int)(i % 100), t->delimiter, eol);
	qun_buf_add_char(out, '"');
}

static void add_cell(struct qun_buf *out, const struct taste *t, const char *eol)
{
	if (one_in(t->giant)) {
		add_giant(out, t, eol);
		return;
	}
	if (one_in(t->odd))
		add_odd(out, t);
	if (one_in(t->quoted))
		add_quoted(out, t, eol);
	else if (!one_in(5))
		add_plain(out, t);
	if (one_in(t->broken))
		add_odd(out, t);
}

static void add_row(struct qun_buf *out, const struct taste *t)
{
	size_t n = t->columns;
	const char *eol = t->crlf == 1 || (t->crlf == 2 && one_in(2)) ? "\r\n" : "\n";

	if (one_in(t->ragged))
		n = 1 + draw(2 * t->columns);
	if (one_in(t->mark))
		qun_buf_add_text(out, "\xef\xbb\xbf");
	if (one_in(t->blank)) {
		static const char *const blank[] = {"", " ", "\t", "  \t ", "\"\"", "\xc2\xa0"};
		qun_buf_add_text(out, blank[draw(6)]);
		n = 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (i)
			qun_buf_add_char(out, t->delimiter);
		add_cell(out, t, eol);
	}
	if (one_in(t->odd))
		qun_buf_add_char(out, '\r');
	qun_buf_add_text(out, eol);
}

/* A document of some rows; the last one may be cut off anywhere. */
static void make_document(struct qun_buf *out, const struct taste *t, size_t rows)
{
	qun_buf_clear(out);
	for (size_t i = 0; i < t->columns; i++)
		qun_buf_printf(out, "%sc%zu", i ? (const char[]){t->delimiter, '\0'} : "", i);
	qun_buf_add_char(out, '\n');
	for (size_t i = 0; i < rows; i++)
		add_row(out, t);
	if (one_in(3))
		out->len -= draw(out->len < 80 ? out->len : 80);
}

/* Only bytes that matter. */
static void make_noise(struct qun_buf *out, const struct taste *t, size_t rows)
{
	const char sign[] = {'a', '"', t->delimiter, '\n', '"', '\r', ' ', 'b', '\n', t->delimiter, '\0', '\xef'};
	size_t kinds = 5 + draw(sizeof(sign) - 4);

	qun_buf_clear(out);
	for (size_t i = 0; i < rows * 6; i++)
		qun_buf_add_char(out, sign[draw(kinds)]);
}

static struct twin_csv any_twin(const struct taste *t)
{
	struct twin_csv c = {.conf = {.delimiter = t->delimiter, .max_field = 1 << 20, .max_record = 16 << 20,
		.max_columns = 4096, .line = 1 + draw(3), .offset = draw(3)}};

	if (one_in(4)) {
		c.conf.max_field = 20 + draw(100);
		c.conf.max_record = 20 + draw(300);
		c.conf.max_columns = 1 + draw(12);
	}
	c.known = one_in(3) ? 1 + draw(TWIN_COLUMNS) : t->columns;
	for (size_t i = 0; i < TWIN_COLUMNS; i++)
		c.column[i] = one_in(4) ? -1 : (int)i;
	return c;
}

static bool cut_alike(uint64_t wanted, uint64_t *records, uint64_t *batched, uint64_t *bad)
{
	struct qun_buf text = {0};
	bool same = true;

	while (same && *records < wanted) {
		struct taste taste = any_taste();
		bool small = one_in(2), large = one_in(50);
		struct twin_csv conf = any_twin(&taste);
		struct twin reference = {0}, fast = {0};

		/* more rows in a row than one batch holds */
		if (large)
			taste.broken = taste.odd = taste.blank = small = 0;
		(one_in(30) ? make_noise : make_document)(&text, &taste,
			small ? 1 + draw(40) : large ? 20000 : 200 + draw(2000));
		for (int lane = QUN_LANE_PLAIN; same && lane < QUN_LANES; lane++) {
			if (qun_lane_of(lane) != (enum qun_lane)lane)
				continue;
			conf.conf.lane = lane;
			conf.portions = one_in(3) ? 0 : 1 + draw(1 << 30);
			conf.largest = small ? 1 + draw(257) : 1000 + draw(large ? 4000000 : 100000);
			same = twins_agree(conf, qun_buf_span(&text), &reference, &fast);
			*batched += fast.batched;
		}
		*records += reference.records + reference.bad;
		*bad += reference.bad;
	}
	qun_buf_release(&text);
	return same;
}

/* The header, as it comes again where files were put behind one another. */
static void add_header(struct qun_buf *out, const char *eol)
{
	static const char *const name[] = {"time", "group", "user", "name", "type", "text", "amount", "order_id", "note"};
	uint64_t how = draw(4);

	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++)
		qun_buf_printf(out, how == 1 ? "%s\"%s\"" : how == 2 ? "%s %s " : "%s%s", i ? "," : "", name[i]);
	qun_buf_add_text(out, eol);
}

/* A log whose rows are what a reader of events looks at; the first thousand show what it is. */
static void make_log(struct qun_buf *out, size_t rows)
{
	static const char *const type[] = {"message", "order", "join", "", "wink", "消息"};
	static const char *const amount[] = {"", "", "3.5", "12.00", "x", "-1", "0.00001", "1e3"};
	struct taste t = any_taste();

	t.delimiter = ',';
	qun_buf_clear(out);
	for (size_t i = 0; i <= rows; i++) {
		const char *eol = t.crlf == 1 ? "\r\n" : "\n";
		struct taste now = t;
		if (i < 1100)
			now.odd = now.broken = now.ragged = now.blank = now.mark = 0;
		if (i == 0 || one_in(now.blank)) {
			add_header(out, eol);
			continue;
		}
		if (one_in(now.mark))
			qun_buf_add_text(out, "\xef\xbb\xbf");
		qun_buf_printf(out, "2024-%02d-%02d %02d:%02d:%02d,g%d,u%d,", 1 + (int)(i * 11 / rows), 1 + (int)draw(28),
			(int)draw(24), (int)draw(60), (int)draw(i > 1100 && one_in(50) ? 70 : 60), (int)draw(9), (int)draw(500));
		add_cell(out, &now, eol);
		qun_buf_printf(out, ",%s,", type[draw(6)]);
		add_cell(out, &now, eol);
		qun_buf_printf(out, ",%s,", amount[draw(i < 1100 || !one_in(9) ? 4 : 8)]);
		if (one_in(now.ragged))
			add_row(out, &now); /* that is as long as it likes */
		else
			qun_buf_printf(out, "%s,%s", one_in(3) ? "o1" : "", eol);
	}
}

static bool files_alike(const struct qun_cal *cal, uint64_t wanted, uint64_t *records)
{
	int fd = memfd_create("twins", 0);
	struct qun_buf text = {0}, say[2] = {{0}, {0}};
	bool same = fd >= 0;
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	while (same && *records < wanted) {
		struct qun_input_conf conf = {.cal = cal, .encoding = "utf-8", .max_field = one_in(3) ? 200 : 0,
			.needs = one_in(2) ? QUN_BIT(QUN_F_USER) | draw(1 << QUN_NFIELDS) : 0};
		make_log(&text, 1000 + draw(one_in(5) ? 9000 : 1500));
		if (ftruncate(fd, 0) != 0 || pwrite(fd, text.ptr, text.len, 0) != (ssize_t)text.len)
			return false;
		struct twin reference = {0};
		conf.reader = QUN_READER_REFERENCE;
		twin_read(&reference, &conf, path);
		for (int lane = QUN_LANE_PLAIN; same && lane < QUN_LANES; lane++) {
			struct twin fast = {0};
			if (qun_lane_of(lane) != (enum qun_lane)lane)
				continue;
			conf.lane = lane;
			conf.reader = QUN_READER_FAST;
			twin_read(&fast, &conf, path);
			same = fast.hash == reference.hash;
		}
		for (int i = 0; !same && i < 2; i++) {
			conf.reader = i ? QUN_READER_FAST : QUN_READER_REFERENCE;
			twin_read(&(struct twin){.text = &say[i]}, &conf, path);
		}
		*records += reference.records + reference.bad;
	}
	if (!same)
		twin_show(stdout, &say[0], &say[1]);
	for (int i = 0; i < 2; i++)
		qun_buf_release(&say[i]);
	qun_buf_release(&text);
	close(fd);
	return same;
}

int main(void)
{
	const char *asked = getenv("QUN_RECORDS");
	uint64_t wanted = asked ? strtoull(asked, NULL, 10) : RECORDS, records = 0, batched = 0, bad = 0, logged = 0;
	struct qun_zone *zone = NULL;
	struct qun_err err;
	bool cut = cut_alike(wanted, &records, &batched, &bad), read;
	int lanes = 0;

	for (int lane = QUN_LANE_PLAIN; lane < QUN_LANES; lane++)
		lanes += qun_lane_of(lane) == (enum qun_lane)lane;
	printf("%sok 1 - %" PRIu64 " records, %" PRIu64 " of them bad, cut alike by %d lanes\n", cut ? "" : "not ", records,
		bad, lanes);
	/* a test of the fast reader has to see it at work */
	bool met = batched > records * (unsigned)lanes / 2;
	printf("%sok 2 - %" PRIu64 " %% of them came in batches\n", met ? "" : "not ",
		records ? batched * 100 / records / (unsigned)lanes : 0);
	if (qun_zone_open(&zone, "UTC", &err) < 0)
		return 99;
	read = files_alike(&(struct qun_cal){.zone = zone, .week_start = 1}, wanted / 25, &logged);
	printf("%sok 3 - %" PRIu64 " records of files read alike\n1..3\n", read ? "" : "not ", logged);
	qun_zone_close(zone);
	return !cut || !met || !read;
}
