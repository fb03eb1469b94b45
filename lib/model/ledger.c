/*
 * Orders: rows are written once, a few dozen bytes each, and read again when somebody looks. Then a
 * sort brings the lines of an order, and behind them its refunds, side by side; it decides every tie.
 */
#include "qun/ledger.h"

#include <stdlib.h>

#include "core/varint.h"
#include "model/parts.h"
#include "qun/num.h"

static const int text_field[QUN_L_TEXTS] = {
	QUN_F_ORDER_ID, QUN_F_PRODUCT, QUN_F_ID, QUN_F_TEXT, QUN_F_REF, QUN_F_SOURCE, QUN_F_QTY,
	QUN_F_NAME, QUN_F_ROLE, QUN_F_STATUS};

/* Texts that rows of this run keep. */
static int count_texts(const struct qun_ctx *ctx)
{
	const uint64_t rare = QUN_BIT(QUN_F_NAME) | QUN_BIT(QUN_F_ROLE) | QUN_BIT(QUN_F_STATUS);

	return ctx->run->asked & rare ? QUN_L_TEXTS : QUN_L_NAME;
}

struct qun_span qun_line_field(const struct qun_line *line, int field)
{
	for (int i = 0; i < QUN_L_TEXTS; i++) {
		if (text_field[i] == field)
			return line->text[i];
	}
	return field >= QUN_F_EXTRA && line->extra ? line->extra[field - QUN_F_EXTRA]
						   : (struct qun_span){"", 0};
}

/*
 * A row in the pile: place of the row before and flags, then as varints the instant (in seconds where it
 * is whole ones), amount and group; of each text that is not empty its length and bytes, or for those
 * that are often the same its word; words of the extra columns, one higher, 0 where empty. An order_id
 * that is a number is one here.
 */
enum {
	ROW_REFUND = 1 << QUN_L_TEXTS,
	ROW_AMOUNT = ROW_REFUND << 1,
	ROW_SECONDS = ROW_REFUND << 2,
	ROW_NUMBER = ROW_REFUND << 3
};
enum { ROW_HEAD = sizeof(uint32_t) + sizeof(uint16_t), VARINT_MAX = 10, NUMBER_MAX = 19, FEW = 8 };

static bool is_word(int text)
{
	return text == QUN_L_PRODUCT || text >= QUN_L_REF;
}

/* Is the text what printing a number gives? */
static bool read_number(struct qun_span text, uint64_t *v)
{
	*v = 0;
	if (text.len == 0 || text.len > NUMBER_MAX || (text.ptr[0] == '0' && text.len > 1))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned char)text.ptr[i] - (unsigned)'0';

		if (digit > 9)
			return false;
		*v = *v * 10 + digit;
	}
	return true;
}

/* Bytes that a row takes at most. */
static int row_bytes(const struct qun_ctx *ctx, const struct qun_line *line, size_t *bytes)
{
	*bytes = ROW_HEAD + (3 + QUN_L_TEXTS + ctx->run->extras.n) * VARINT_MAX;
	for (int i = 0; i < QUN_L_TEXTS; i++) {
		if (!is_word(i) && __builtin_add_overflow(*bytes, line->text[i].len, bytes))
			return QUN_ELIMIT;
	}
	return 0;
}

static int put_text(const struct qun_ctx *ctx, int i, struct qun_span text, uint16_t *flags, char **p)
{
	uint64_t number;
	uint32_t word;
	int rc;

	if (!text.len)
		return 0;
	*flags |= (uint16_t)(1 << i);
	if (i == QUN_L_ORDER_ID && read_number(text, &number)) {
		*flags |= ROW_NUMBER;
		*p = qun_varint_put(*p, number);
		return 0;
	}
	if (!is_word(i)) {
		*p = qun_varint_put(*p, text.len);
		memcpy(*p, text.ptr, text.len);
		*p += text.len;
		return 0;
	}
	rc = qun_word_add(ctx, text, &word);
	*p = qun_varint_put(*p, word);
	return rc;
}

static int row_write(const struct qun_ctx *ctx, const struct qun_line *line, uint32_t before, char *row, size_t *len)
{
	uint16_t flags = (uint16_t)((line->refund ? ROW_REFUND : 0) | (line->has_amount ? ROW_AMOUNT : 0));
	char *p = row + ROW_HEAD;
	uint32_t word;
	int rc = 0;

	if (line->ts >= 0 && line->ts % QUN_SECOND == 0)
		flags |= ROW_SECONDS;
	p = qun_varint_put(p, flags & ROW_SECONDS ? (uint64_t)(line->ts / QUN_SECOND) : (uint64_t)line->ts);
	if (line->has_amount)
		p = qun_varint_put(p, (uint64_t)line->amount);
	p = qun_varint_put(p, line->group);
	for (int i = 0; rc == 0 && i < QUN_L_TEXTS; i++)
		rc = put_text(ctx, i, line->text[i], &flags, &p);
	for (size_t i = 0; rc == 0 && i < ctx->run->extras.n; i++) {
		rc = qun_word_add(ctx, line->extra[i], &word);
		p = qun_varint_put(p, (uint64_t)(uint32_t)(word + 1));
	}
	memcpy(row, &before, sizeof(before));
	memcpy(row + sizeof(before), &flags, sizeof(flags));
	*len = (size_t)(p - row);
	return rc;
}

static int add_line(const struct qun_ctx *ctx, struct qun_ledger *l, const struct qun_line *line)
{
	char small[512], *row = small, *kept;
	size_t bytes, len = 0;
	uint32_t at;
	int rc = row_bytes(ctx, line, &bytes);

	if (rc == 0 && bytes > sizeof(small)) {
		row = malloc(bytes);
		rc = row ? 0 : QUN_ENOMEM;
	}
	if (rc == 0)
		rc = row_write(ctx, line, l->last, row, &len);
	if (rc == 0) {
		kept = qun_pile_take(ctx->pile, len, &at);
		rc = kept ? 0 : QUN_ENOMEM;
	}
	if (rc == 0) {
		memcpy(kept, row, len);
		l->last = at;
	}
	if (row != small)
		free(row);
	return rc;
}

/* The digits of a number, which are at the end of the bytes. */
static struct qun_span print_number(char digits[NUMBER_MAX], uint64_t v)
{
	size_t at = NUMBER_MAX;

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	return (struct qun_span){digits + at, NUMBER_MAX - at};
}

/* Reads the row at a place; extra has room for the run's, digits for a number. Returns the place of the
 * row before. */
static uint32_t row_read(const struct qun_ctx *ctx, uint32_t at, struct qun_line *line, struct qun_span *extra,
	char digits[NUMBER_MAX])
{
	const char *row = qun_pile_at(ctx->pile, at), *p = row + ROW_HEAD;
	uint32_t before;
	uint16_t flags;

	memcpy(&before, row, sizeof(before));
	memcpy(&flags, row + sizeof(before), sizeof(flags));
	*line = (struct qun_line){.refund = flags & ROW_REFUND, .has_amount = flags & ROW_AMOUNT, .extra = extra,
		.numbered = flags & ROW_NUMBER};
	line->ts = (int64_t)qun_varint_take(&p);
	if (flags & ROW_SECONDS)
		line->ts *= QUN_SECOND;
	if (line->has_amount)
		line->amount = (int64_t)qun_varint_take(&p);
	line->group = (uint32_t)qun_varint_take(&p);
	for (unsigned there = flags % ROW_REFUND; there; there &= there - 1) {
		int i = __builtin_ctz(there);
		uint64_t n = qun_varint_take(&p);

		if (i == QUN_L_ORDER_ID && flags & ROW_NUMBER) {
			line->text[i] = print_number(digits, n);
		} else if (is_word(i)) {
			line->text[i] = qun_word_text(ctx, (uint32_t)n);
		} else {
			line->text[i] = (struct qun_span){p, (size_t)n};
			p += n;
		}
	}
	for (size_t i = 0; i < ctx->run->extras.n; i++)
		extra[i] = qun_word_text(ctx, (uint32_t)qun_varint_take(&p) - 1);
	return before;
}

int qun_ledger_add(const struct qun_ctx *ctx, struct qun_ledger *l, const struct qun_event *ev)
{
	static const struct qun_span none[QUN_MAX_EXTRA];
	struct qun_line line = {.ts = ev->ts, .group = ev->group, .has_amount = ev->has_amount,
		.extra = ev->extra ? ev->extra : none};

	if (ev->type != QUN_ORDER && ev->type != QUN_REFUND)
		return 0;
	line.amount = ev->has_amount ? ev->amount : 0;
	line.refund = ev->type == QUN_REFUND || line.amount < 0;
	if (line.amount < 0 && __builtin_sub_overflow(0, line.amount, &line.amount))
		return QUN_EOVERFLOW;
	for (int i = 0; i < count_texts(ctx); i++)
		line.text[i] = ev->field[text_field[i]];
	return add_line(ctx, l, &line);
}

int qun_ledger_merge(const struct qun_ctx *dctx, struct qun_ledger *dst, const struct qun_ctx *sctx,
	const struct qun_ledger *src)
{
	struct qun_span extra[QUN_MAX_EXTRA];
	char digits[NUMBER_MAX];
	uint32_t last = dst->last;
	struct qun_line line;
	int rc = 0;

	for (uint32_t at = src->last; rc == 0 && at;) {
		at = row_read(sctx, at, &line, extra, digits);
		rc = qun_group_move(dctx, sctx, line.group, &line.group);
		if (qun_is_forgotten(dctx->run, line.text[QUN_L_REF]))
			line.text[QUN_L_REF] = qun_span_of(QUN_FORGOTTEN);
		if (rc == 0)
			rc = add_line(dctx, dst, &line);
	}
	if (rc < 0)
		dst->last = last;
	return rc;
}

/* The end of the tie rule, and then whatever else tells two rows apart. */
static int compare_tail(
	const struct qun_ctx *ctx, const struct qun_line *a, const struct qun_line *b)
{
	static const int texts[] = {QUN_L_ID, QUN_L_TEXT, QUN_L_REF, QUN_L_SOURCE};
	int order = 0;

	for (size_t i = 0; !order && i < sizeof(texts) / sizeof(*texts); i++)
		order = qun_span_cmp(a->text[texts[i]], b->text[texts[i]]);
	if (!order && a->group != b->group)
		order = qun_span_cmp(
			qun_dict_text(ctx->groups, a->group), qun_dict_text(ctx->groups, b->group));
	for (int i = QUN_L_QTY; !order && i < QUN_L_TEXTS; i++)
		order = qun_span_cmp(a->text[i], b->text[i]);
	for (size_t i = 0; !order && i < ctx->run->extras.n; i++)
		order = qun_span_cmp(a->extra[i], b->extra[i]);
	return order;
}

/* By order_id, orders before refunds, then by time and the tie rule. */
static int line_cmp(const void *left, const void *right, void *arg)
{
	const struct qun_line *a = left, *b = right;
	const struct qun_ctx *ctx = arg;
	int order = qun_span_cmp(a->text[QUN_L_ORDER_ID], b->text[QUN_L_ORDER_ID]);

	if (!order)
		order = a->refund - b->refund;
	if (!order)
		order = (a->ts > b->ts) - (a->ts < b->ts);
	if (!order)
		order = qun_span_cmp(a->text[QUN_L_PRODUCT], b->text[QUN_L_PRODUCT]);
	if (!order)
		order = qun_amount_cmp(a->has_amount, a->amount, b->has_amount, b->amount);
	return order ? order : compare_tail(ctx, a, b);
}

/* Room for one more row. What is read before may move. */
static int reserve_line(struct qun_orders *out, size_t nextra)
{
	int rc = qun_grow(&out->line, &out->line_cap, out->nline, sizeof(*out->line));

	if (rc == 0)
		rc = qun_grow(&out->digits, &out->digits_cap, out->nline, NUMBER_MAX);
	if (rc == 0 && nextra)
		rc = qun_grow(&out->extra, &out->extra_cap, (out->nline + 1) * nextra - 1, sizeof(*out->extra));
	return rc;
}

/* Most people have a few rows, which are read from the newest back. */
static void sort_lines(const struct qun_ctx *ctx, struct qun_line *line, size_t n)
{
	if (n > FEW) {
		qsort_r(line, n, sizeof(*line), line_cmp, (void *)ctx);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct qun_line moved = line[i];
		size_t at = i;

		while (at > 0 && line_cmp(&line[at - 1], &moved, (void *)ctx) > 0)
			at--;
		memmove(&line[at + 1], &line[at], (i - at) * sizeof(*line));
		line[at] = moved;
	}
}

/* The rows of a ledger, sorted. */
static int read_lines(const struct qun_ctx *ctx, const struct qun_ledger *l, struct qun_orders *out)
{
	size_t nextra = ctx->run->extras.n;
	int rc = 0;

	out->nline = 0;
	for (uint32_t at = l->last; at && (rc = reserve_line(out, nextra)) == 0; out->nline++) {
		at = row_read(ctx, at, &out->line[out->nline],
			nextra ? out->extra + out->nline * nextra : NULL, out->digits + out->nline * NUMBER_MAX);
	}
	for (size_t i = 0; rc == 0 && i < out->nline; i++) {
		struct qun_span *id = &out->line[i].text[QUN_L_ORDER_ID];

		if (out->line[i].numbered)
			id->ptr = out->digits + (i + 1) * NUMBER_MAX - id->len;
		if (nextra)
			out->line[i].extra = out->extra + i * nextra;
	}
	if (rc == 0)
		sort_lines(ctx, out->line, out->nline);
	return rc;
}

static char *put_span(char *p, struct qun_span s)
{
	p = qun_varint_put(p, s.len);
	if (s.len)
		memcpy(p, s.ptr, s.len);
	return p + s.len;
}

/* Bytes as qun_save_u64 and its like write them, in one piece. */
static int line_save(const struct qun_ctx *ctx, const struct qun_line *line, struct qun_buf *out)
{
	unsigned flags = (line->refund ? ROW_REFUND : 0) | (line->has_amount ? ROW_AMOUNT : 0);
	struct qun_span group = qun_dict_text(ctx->groups, line->group);
	size_t most = (4 + QUN_L_TEXTS + ctx->run->extras.n) * VARINT_MAX + group.len;
	char *p;

	for (int i = 0; i < count_texts(ctx); i++)
		most += line->text[i].len;
	for (size_t i = 0; i < ctx->run->extras.n; i++)
		most += line->extra[i].len;
	if (qun_buf_reserve(out, most) < 0)
		return QUN_ENOMEM;
	p = qun_varint_put(out->ptr + out->len, flags / ROW_REFUND);
	p = qun_varint_put(p, qun_zigzag(line->ts));
	if (line->has_amount)
		p = qun_varint_put(p, (uint64_t)line->amount);
	p = put_span(p, group);
	for (int i = 0; i < count_texts(ctx); i++)
		p = put_span(p, line->text[i]);
	for (size_t i = 0; i < ctx->run->extras.n; i++)
		p = put_span(p, line->extra[i]);
	out->len = (size_t)(p - out->ptr);
	return 0;
}

int qun_ledger_save(const struct qun_ctx *ctx, const struct qun_ledger *l, struct qun_buf *out)
{
	struct qun_orders rows = {0};
	int rc = read_lines(ctx, l, &rows);

	if (rc == 0)
		rc = qun_save_u64(out, rows.nline);
	for (size_t i = 0; rc == 0 && i < rows.nline; i++)
		rc = line_save(ctx, &rows.line[i], out);
	qun_orders_release(&rows);
	return rc;
}

static int line_load(const struct qun_ctx *ctx, struct qun_line *line, struct qun_span *extra, struct qun_reader *in)
{
	struct qun_span group;
	uint64_t flags, amount = 0;
	int rc = qun_load_u64(in, &flags);

	if (rc == 0)
		rc = qun_load_i64(in, &line->ts);
	if (rc == 0 && (flags * ROW_REFUND & ROW_AMOUNT))
		rc = qun_load_u64(in, &amount);
	if (rc == 0 && (flags * ROW_REFUND > (ROW_REFUND | ROW_AMOUNT) || amount > INT64_MAX))
		rc = QUN_ESTATE;
	if (rc == 0)
		rc = qun_load_span(in, &group);
	if (rc == 0 && !(line->group < ctx->groups->n && qun_span_eq(qun_dict_text(ctx->groups, line->group), group)))
		rc = qun_dict_add(ctx->groups, group, &line->group);
	for (int i = 0; rc == 0 && i < count_texts(ctx); i++)
		rc = qun_load_span(in, &line->text[i]);
	for (size_t i = 0; rc == 0 && i < ctx->run->extras.n; i++)
		rc = qun_load_span(in, &extra[i]);
	line->extra = extra;
	line->refund = flags * ROW_REFUND & ROW_REFUND;
	line->has_amount = flags * ROW_REFUND & ROW_AMOUNT;
	line->amount = (int64_t)amount;
	return rc;
}

int qun_ledger_load(const struct qun_ctx *ctx, struct qun_ledger *l, struct qun_reader *in)
{
	struct qun_span extra[2][QUN_MAX_EXTRA];
	struct qun_line line[2] = {{0}}; /* the one at hand and the one before */
	size_t n = 0;
	int rc = qun_load_count(in, 3 + (size_t)count_texts(ctx), &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct qun_line *now = &line[i % 2];

		rc = line_load(ctx, now, extra[i % 2], in);
		if (rc == 0 && i && line_cmp(&line[1 - i % 2], now, (void *)ctx) > 0)
			rc = QUN_ESTATE;
		if (rc == 0)
			rc = add_line(ctx, l, now);
	}
	return rc;
}

/* Sums of up to 2^32 amounts of 63 bits: 128 bits always hold them. */
static void add_up(struct qun_order *o)
{
	for (uint32_t i = 0; i < o->nlines; i++) {
		o->known |= o->line[i].has_amount;
		o->gross += o->line[i].amount;
	}
	for (uint32_t i = 0; i < o->nrefunds; i++)
		o->refund += o->refunds[i].amount;
	o->net = o->gross - o->refund;
}

static bool is_void(const struct qun_run *run, const struct qun_order *o, uint32_t nrefunds)
{
	if (run->refund == QUN_REFUND_DROP && nrefunds)
		return true;
	return o->known && o->net <= 0 && !run->zero_ok;
}

/* One key: nlines order rows and, right behind them, nrefunds refund rows. */
static int take_order(const struct qun_ctx *ctx, struct qun_orders *out,
	const struct qun_line *line, uint32_t nlines, uint32_t nrefunds)
{
	struct qun_order o = {.ts = line->ts, .group = line->group, .line = line, .nlines = nlines};

	if (!nlines) {
		out->unmatched_refunds += nrefunds;
		return 0;
	}
	o.refunds = line + nlines;
	if (ctx->run->refund != QUN_REFUND_IGNORE)
		o.nrefunds = nrefunds;
	add_up(&o);
	if (is_void(ctx->run, &o, nrefunds)) {
		out->voided++;
		return 0;
	}
	/* The event that an order is has 64 bits for it. */
	if (o.known && (o.net > INT64_MAX || o.net < INT64_MIN))
		return QUN_EOVERFLOW;
	if (qun_grow(&out->v, &out->cap, out->n, sizeof(*out->v)) < 0)
		return QUN_ENOMEM;
	out->v[out->n++] = o;
	return 0;
}

static int order_cmp(const void *left, const void *right, void *arg)
{
	const struct qun_order *a = left, *b = right;
	const struct qun_ctx *ctx = arg;
	int order = (a->ts > b->ts) - (a->ts < b->ts);

	if (!order)
		order = qun_span_cmp(
			a->line->text[QUN_L_ORDER_ID], b->line->text[QUN_L_ORDER_ID]);
	if (!order)
		order = qun_span_cmp(a->line->text[QUN_L_PRODUCT], b->line->text[QUN_L_PRODUCT]);
	if (!order)
		order = qun_amount_cmp(a->known, (int64_t)a->net, b->known, (int64_t)b->net);
	return order ? order : compare_tail(ctx, a->line, b->line);
}

/* Rows of one key from index at: rows without order_id are each alone. */
static int take_key(const struct qun_ctx *ctx, size_t *at, struct qun_orders *out)
{
	const struct qun_line *line = &out->line[*at];
	struct qun_span key = line->text[QUN_L_ORDER_ID];
	size_t end = *at, nlines = 0, n;

	if (!key.len) {
		++*at;
		return take_order(ctx, out, line, !line->refund, line->refund);
	}
	for (; end < out->nline && qun_span_eq(out->line[end].text[QUN_L_ORDER_ID], key); end++)
		nlines += !out->line[end].refund;
	n = end - *at;
	*at = end;
	return take_order(ctx, out, line, (uint32_t)nlines, (uint32_t)(n - nlines));
}

int qun_orders_of(const struct qun_ctx *ctx, const struct qun_ledger *l, struct qun_orders *out)
{
	size_t at = 0;
	int rc;

	out->n = 0;
	out->unmatched_refunds = 0;
	out->voided = 0;
	rc = read_lines(ctx, l, out);
	while (rc == 0 && at < out->nline)
		rc = take_key(ctx, &at, out);
	if (rc == 0 && out->n > 1)
		qsort_r(out->v, out->n, sizeof(*out->v), order_cmp, (void *)ctx);
	return rc;
}

void qun_orders_release(struct qun_orders *o)
{
	free(o->v);
	free(o->line);
	free(o->extra);
	free(o->digits);
	*o = (struct qun_orders){0};
}

void qun_order_event(const struct qun_ctx *ctx, struct qun_span user, const struct qun_order *o,
	struct qun_event *ev, struct qun_span *extra)
{
	*ev = (struct qun_event){.ts = o->ts,
		.amount = o->known ? (int64_t)o->net : 0,
		.has_amount = o->known,
		.type = QUN_ORDER,
		.group = o->group};
	for (int i = 0; i < QUN_L_TEXTS; i++)
		ev->field[text_field[i]] = o->line->text[i];
	ev->field[QUN_F_GROUP] = qun_dict_text(ctx->groups, o->group);
	ev->field[QUN_F_USER] = user;
	ev->field[QUN_F_TYPE] = qun_span_of(qun_type_name(QUN_ORDER));
	for (size_t i = 0; i < ctx->run->extras.n; i++)
		extra[i] = o->line->extra[i];
	ev->extra = ctx->run->extras.n ? extra : NULL;
}
