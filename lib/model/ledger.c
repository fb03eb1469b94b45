/*
 * Orders: rows are kept as they come and sorted when somebody looks, so that the lines of an order,
 * and behind them its refunds, stand side by side. The sort is total: it decides every tie.
 */
#include "qun/ledger.h"

#include <stdlib.h>

#include "model/parts.h"
#include "qun/num.h"

static int compare_extra(
	const struct qun_ctx *ctx, const struct qun_line *a, const struct qun_line *b)
{
	int order = 0;

	for (size_t i = 0; !order && i < ctx->run->extras.n; i++)
		order = qun_word_cmp(ctx, a->extra[i], b->extra[i]);
	return order;
}

/* The end of the tie rule, and then whatever else tells two rows apart. */
static int compare_tail(
	const struct qun_ctx *ctx, const struct qun_line *a, const struct qun_line *b)
{
	int order = qun_word_cmp(ctx, a->id, b->id);

	if (!order)
		order = qun_word_cmp(ctx, a->text, b->text);
	if (!order)
		order = qun_word_cmp(ctx, a->ref, b->ref);
	if (!order)
		order = qun_word_cmp(ctx, a->source, b->source);
	if (!order)
		order = qun_span_cmp(
			qun_dict_text(ctx->groups, a->group), qun_dict_text(ctx->groups, b->group));
	if (!order)
		order = qun_word_cmp(ctx, a->qty, b->qty);
	return order ? order : compare_extra(ctx, a, b);
}

/* By order_id, orders before refunds, then by time and the tie rule. */
static int line_cmp(const void *left, const void *right, void *arg)
{
	const struct qun_line *a = left, *b = right;
	const struct qun_ctx *ctx = arg;
	int order = qun_word_cmp(ctx, a->order_id, b->order_id);

	if (!order)
		order = a->refund - b->refund;
	if (!order)
		order = (a->ts > b->ts) - (a->ts < b->ts);
	if (!order)
		order = qun_word_cmp(ctx, a->product, b->product);
	if (!order)
		order = qun_amount_cmp(a->has_amount, a->amount, b->has_amount, b->amount);
	return order ? order : compare_tail(ctx, a, b);
}

static void sort_lines(const struct qun_ctx *ctx, struct qun_ledger *l)
{
	if (!l->sorted && l->n > 1)
		qsort_r(l->line, l->n, sizeof(*l->line), line_cmp, (void *)ctx);
	l->sorted = true;
}

/* Room for a line at index n; the lines in use stay as they are. */
static int reserve_line(struct qun_ledger *l, uint32_t n)
{
	size_t cap = l->cap;

	if (n == UINT32_MAX)
		return QUN_ELIMIT;
	if (qun_grow(&l->line, &cap, n, sizeof(*l->line)) < 0)
		return QUN_ENOMEM;
	l->cap = cap < UINT32_MAX ? (uint32_t)cap : UINT32_MAX;
	return 0;
}

/* Memory for the extra columns of a line; NULL where the run has none. */
static int make_extra(const struct qun_ctx *ctx, struct qun_line *line)
{
	size_t n = ctx->run->extras.n;

	line->extra = n ? malloc(n * sizeof(*line->extra)) : NULL;
	return n && !line->extra ? QUN_ENOMEM : 0;
}

/* Texts of a line in the order in which they are saved. */
enum { NTEXTS = 7 };

static void texts_of(struct qun_line *line, uint32_t *text[NTEXTS])
{
	text[0] = &line->order_id;
	text[1] = &line->product;
	text[2] = &line->id;
	text[3] = &line->text;
	text[4] = &line->ref;
	text[5] = &line->source;
	text[6] = &line->qty;
}

static const int text_fields[NTEXTS] = {
	QUN_F_ORDER_ID, QUN_F_PRODUCT, QUN_F_ID, QUN_F_TEXT, QUN_F_REF, QUN_F_SOURCE, QUN_F_QTY};

static int read_event(const struct qun_ctx *ctx, const struct qun_event *ev, struct qun_line *line)
{
	uint32_t *text[NTEXTS];
	int rc = 0;

	*line = (struct qun_line){.ts = ev->ts, .group = ev->group, .has_amount = ev->has_amount};
	line->amount = ev->has_amount ? ev->amount : 0;
	line->refund = ev->type == QUN_REFUND || line->amount < 0;
	if (line->amount < 0 && __builtin_sub_overflow(0, line->amount, &line->amount))
		return QUN_EOVERFLOW;
	texts_of(line, text);
	for (int i = 0; rc == 0 && i < NTEXTS; i++)
		rc = qun_word_add(ctx, ev->field[text_fields[i]], text[i]);
	if (rc == 0)
		rc = make_extra(ctx, line);
	for (size_t i = 0; rc == 0 && i < ctx->run->extras.n; i++)
		rc = qun_word_add(ctx, qun_event_text(ev, QUN_F_EXTRA + (int)i), &line->extra[i]);
	return rc;
}

int qun_ledger_add(const struct qun_ctx *ctx, struct qun_ledger *l, const struct qun_event *ev)
{
	struct qun_line line = {0};
	int rc;

	if (ev->type != QUN_ORDER && ev->type != QUN_REFUND)
		return 0;
	rc = reserve_line(l, l->n);
	if (rc == 0)
		rc = read_event(ctx, ev, &line);
	if (rc < 0) {
		free(line.extra);
		return rc;
	}
	l->line[l->n++] = line;
	l->sorted = false;
	return 0;
}

static int move_line(const struct qun_ctx *dctx, struct qun_line *dst, const struct qun_ctx *sctx,
	const struct qun_line *src)
{
	uint32_t *text[NTEXTS];
	int rc = make_extra(dctx, dst);

	texts_of(dst, text);
	for (int i = 0; rc == 0 && i < NTEXTS; i++)
		rc = qun_word_move(dctx, sctx, *text[i], text[i]);
	for (size_t i = 0; rc == 0 && i < dctx->run->extras.n; i++)
		rc = qun_word_move(dctx, sctx, src->extra[i], &dst->extra[i]);
	if (rc == 0)
		rc = qun_group_move(dctx, sctx, src->group, &dst->group);
	return rc;
}

int qun_ledger_merge(const struct qun_ctx *dctx, struct qun_ledger *dst, const struct qun_ctx *sctx,
	const struct qun_ledger *src)
{
	uint32_t n = dst->n;
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < src->n; i++) {
		rc = reserve_line(dst, n);
		if (rc < 0)
			break;
		dst->line[n] = src->line[i];
		rc = move_line(dctx, &dst->line[n], sctx, &src->line[i]);
		n++;
	}
	if (rc < 0) {
		while (n > dst->n)
			free(dst->line[--n].extra);
		return rc;
	}
	dst->sorted &= n == dst->n;
	dst->n = n;
	return 0;
}

enum { SAVED_REFUND = 1, SAVED_AMOUNT = 2 };

static int line_save(const struct qun_ctx *ctx, struct qun_line *line, struct qun_buf *out)
{
	unsigned flags = (line->refund ? SAVED_REFUND : 0) | (line->has_amount ? SAVED_AMOUNT : 0);
	uint32_t *text[NTEXTS];
	int rc = qun_save_u64(out, flags);

	if (rc == 0)
		rc = qun_save_i64(out, line->ts);
	if (rc == 0 && line->has_amount)
		rc = qun_save_u64(out, (uint64_t)line->amount);
	if (rc == 0)
		rc = qun_save_span(out, qun_dict_text(ctx->groups, line->group));
	texts_of(line, text);
	for (int i = 0; rc == 0 && i < NTEXTS; i++)
		rc = qun_save_span(out, qun_word_text(ctx, *text[i]));
	for (size_t i = 0; rc == 0 && i < ctx->run->extras.n; i++)
		rc = qun_save_span(out, qun_word_text(ctx, line->extra[i]));
	return rc;
}

int qun_ledger_save(const struct qun_ctx *ctx, struct qun_ledger *l, struct qun_buf *out)
{
	int rc = qun_save_u64(out, l->n);

	sort_lines(ctx, l);
	for (uint32_t i = 0; rc == 0 && i < l->n; i++)
		rc = line_save(ctx, &l->line[i], out);
	return rc;
}

static int line_load(const struct qun_ctx *ctx, struct qun_line *line, struct qun_reader *in)
{
	struct qun_span group;
	uint32_t *text[NTEXTS];
	uint64_t flags, amount = 0;
	int rc = qun_load_u64(in, &flags);

	if (rc == 0)
		rc = qun_load_i64(in, &line->ts);
	if (rc == 0 && (flags & SAVED_AMOUNT))
		rc = qun_load_u64(in, &amount);
	if (rc == 0 && (flags > (SAVED_REFUND | SAVED_AMOUNT) || amount > INT64_MAX))
		rc = QUN_ESTATE;
	if (rc == 0)
		rc = qun_load_span(in, &group);
	if (rc == 0)
		rc = qun_dict_add(ctx->groups, group, &line->group);
	texts_of(line, text);
	for (int i = 0; rc == 0 && i < NTEXTS; i++)
		rc = qun_word_load(ctx, in, text[i]);
	if (rc == 0)
		rc = make_extra(ctx, line);
	for (size_t i = 0; rc == 0 && i < ctx->run->extras.n; i++)
		rc = qun_word_load(ctx, in, &line->extra[i]);
	if (rc < 0)
		return rc;
	line->refund = flags & SAVED_REFUND;
	line->has_amount = flags & SAVED_AMOUNT;
	line->amount = (int64_t)amount;
	return 0;
}

int qun_ledger_load(const struct qun_ctx *ctx, struct qun_ledger *l, struct qun_reader *in)
{
	size_t n = 0;
	int rc = qun_load_count(in, 3 + NTEXTS, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct qun_line *line;

		rc = reserve_line(l, l->n);
		if (rc < 0)
			break;
		line = &l->line[l->n++];
		*line = (struct qun_line){0};
		rc = line_load(ctx, line, in);
		if (rc == 0 && i && line_cmp(line - 1, line, (void *)ctx) > 0)
			rc = QUN_ESTATE;
	}
	l->sorted = rc == 0;
	return rc;
}

void qun_ledger_release(struct qun_ledger *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		free(l->line[i].extra);
	free(l->line);
	*l = (struct qun_ledger){0};
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
		order = qun_word_cmp(ctx, a->line->order_id, b->line->order_id);
	if (!order)
		order = qun_word_cmp(ctx, a->line->product, b->line->product);
	if (!order)
		order = qun_amount_cmp(a->known, (int64_t)a->net, b->known, (int64_t)b->net);
	return order ? order : compare_tail(ctx, a->line, b->line);
}

/* Rows of one key from index at: rows without order_id are each alone. */
static int take_key(
	const struct qun_ctx *ctx, const struct qun_ledger *l, uint32_t *at, struct qun_orders *out)
{
	const struct qun_line *line = &l->line[*at];
	uint32_t end = *at, nlines = 0, n;

	if (line->order_id == QUN_NONE) {
		++*at;
		return take_order(ctx, out, line, !line->refund, line->refund);
	}
	for (; end < l->n && l->line[end].order_id == line->order_id; end++)
		nlines += !l->line[end].refund;
	n = end - *at;
	*at = end;
	return take_order(ctx, out, line, nlines, n - nlines);
}

int qun_orders_of(const struct qun_ctx *ctx, struct qun_ledger *l, struct qun_orders *out)
{
	uint32_t at = 0;
	int rc = 0;

	out->n = 0;
	out->unmatched_refunds = 0;
	out->voided = 0;
	sort_lines(ctx, l);
	while (rc == 0 && at < l->n)
		rc = take_key(ctx, l, &at, out);
	if (rc == 0 && out->n > 1)
		qsort_r(out->v, out->n, sizeof(*out->v), order_cmp, (void *)ctx);
	return rc;
}

void qun_orders_release(struct qun_orders *o)
{
	free(o->v);
	*o = (struct qun_orders){0};
}

void qun_order_event(const struct qun_ctx *ctx, const struct qun_order *o, struct qun_event *ev,
	struct qun_span *extra)
{
	struct qun_line line = *o->line;
	uint32_t *text[NTEXTS];

	*ev = (struct qun_event){.ts = o->ts,
		.amount = o->known ? (int64_t)o->net : 0,
		.has_amount = o->known,
		.type = QUN_ORDER,
		.group = o->group};
	texts_of(&line, text);
	for (int i = 0; i < NTEXTS; i++)
		ev->field[text_fields[i]] = qun_word_text(ctx, *text[i]);
	ev->field[QUN_F_GROUP] = qun_dict_text(ctx->groups, o->group);
	ev->field[QUN_F_TYPE] = qun_span_of(qun_type_name(QUN_ORDER));
	for (size_t i = 0; i < ctx->run->extras.n; i++)
		extra[i] = qun_word_text(ctx, line.extra[i]);
	ev->extra = ctx->run->extras.n ? extra : NULL;
}
