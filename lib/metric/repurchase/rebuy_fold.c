/* The other tables of repurchase: options, and what a buyer adds to a report. */
#include "metric/repurchase/rebuy.h"
#include "qun/num.h"

/* Two options of one kind: the first two given are named. */
static int choose(struct qun_rebuy_conf *c, struct qun_err *err)
{
	static const char *const name[] = {NULL, "ladder", "gaps", "rfm", "clv"};
	const bool given[] = {false, c->ladder, c->gaps, c->rfm, c->clv};

	for (int i = REBUY_LADDER; i <= REBUY_CLV; i++) {
		if (given[i] && c->kind != REBUY_NONE)
			return qun_fail(err, QUN_EUSAGE, "--%s and --%s exclude each other",
				name[c->kind], name[i]);
		if (given[i])
			c->kind = (enum qun_rebuy_kind)i;
	}
	return 0;
}

static bool read_cut(int score, struct qun_span cell, int64_t *cut)
{
	return score == RFM_MONETARY ? qun_money_parse(cell, cut) == 1 : qun_int_parse(cell, cut);
}

/* Rows of score 2, 3 … with what it takes to get it. */
static int read_cuts(struct qun_rebuy_conf *c, struct qun_err *err)
{
	static const char *const name[] = {"recency_days", "frequency", "monetary"};
	const struct qun_sheet *s = &c->cuts;
	int at = qun_sheet_column(s, "score"), column[RFM_SCORES];
	int64_t score;

	for (int i = 0; i < RFM_SCORES; i++) {
		column[i] = qun_sheet_column(s, name[i]);
		c->cut_by_file[i] = column[i] >= 0;
	}
	if (at < 0 || s->nrow < 2 || s->nrow > REBUY_MAX_BINS)
		return qun_fail(err, QUN_EDATA,
			"--cuts: %s: expected a column score with 2, 3 ... and columns "
			"recency_days, frequency or monetary",
			s->path);
	for (size_t row = 1; row < s->nrow; row++) {
		if (!qun_int_parse(qun_sheet_at(s, row, (size_t)at), &score) ||
			score != (int64_t)row + 1)
			return qun_sheet_fail(s, row, err, "scores are 2, 3 and so on");
		for (int i = 0; i < RFM_SCORES; i++) {
			int64_t *cut = &c->cut[i][row - 1];

			if (column[i] < 0)
				continue;
			if (!read_cut(i, qun_sheet_at(s, row, (size_t)column[i]), cut))
				return qun_sheet_fail(s, row, err, "a cut is no number");
			if (row > 1 && (i == RFM_RECENCY ? *cut > cut[-1] : *cut < cut[-1]))
				return qun_sheet_fail(s, row, err,
					"a higher score takes less than the one before");
		}
	}
	c->bins = (int64_t)s->nrow;
	return 0;
}

int qun_rebuy_setup(struct qun_rebuy_conf *c, struct qun_err *err)
{
	int rc = choose(c, err);

	if (rc == 0 && c->params && !c->clv)
		rc = qun_fail(err, QUN_EUSAGE, "--params needs --clv");
	if (rc == 0 && c->cuts.path && !c->rfm)
		rc = qun_fail(err, QUN_EUSAGE, "--cuts needs --rfm");
	return rc == 0 && c->cuts.path ? read_cuts(c, err) : rc;
}

/* n counts the buyer's orders in the whole log; those in the range are reported. */
static int add_rungs(const struct qun_ctx *ctx, struct qun_cube *report, struct qun_buf *key,
	const struct qun_deal *d, size_t n)
{
	int64_t today = qun_cal_day(&ctx->run->cal, qun_as_of(ctx));
	size_t prefix = key->len;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		bool next = i + 1 < n;
		struct qun_cell *cell;

		if (!qun_in_range(ctx->run, d[i].ts))
			continue;
		key->len = prefix;
		rc = qun_key_int(key, (int64_t)i + 1);
		if (rc < 0)
			break;
		cell = qun_cube_cell(report, qun_buf_span(key));
		rc = cell ? qun_cell_add(cell, RUNG_BASE, 1) : QUN_ENOMEM;
		if (rc == 0)
			rc = qun_cell_add(cell, RUNG_NEXT, next);
		if (rc == 0)
			rc = qun_cell_put(cell, next ? RUNG_GAPS : RUNG_OPEN,
				(next ? d[i + 1].day : today) - d[i].day);
	}
	return rc;
}

/* Gaps that end in the range; the cell is there for a value with orders but no gap, too. */
static int add_gaps(const struct qun_ctx *ctx, struct qun_cube *report, struct qun_buf *key,
	const struct qun_deal *d, size_t n)
{
	struct qun_cell *cell = NULL;
	int rc = qun_key_int(key, 0);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (!qun_in_range(ctx->run, d[i].ts))
			continue;
		if (!cell)
			cell = qun_cube_cell(report, qun_buf_span(key));
		if (!cell)
			return QUN_ENOMEM;
		if (i)
			rc = qun_cell_put(cell, 0, d[i].day - d[i - 1].day);
	}
	return rc;
}

/* A person's own cell, under the --by values, the group where the unit is member, the user as
 * printed and what else tells people apart. */
static int person_cell(const struct qun_ctx *ctx, struct qun_cube *report,
	const struct qun_who *who, struct qun_buf *key, const struct qun_deal *d,
	struct qun_cell **cell)
{
	const struct qun_run *run = ctx->run;
	bool scoped = !qun_span_eq(who->id, who->user);
	int rc = 0;

	if (run->unit == QUN_UNIT_MEMBER)
		rc = qun_key_text(key, qun_dict_text(ctx->groups, d->key[run->by.n]));
	if (rc == 0)
		rc = qun_key_text(key, who->user);
	if (rc == 0)
		rc = qun_key_text(key, scoped ? who->id : (struct qun_span){NULL, 0});
	if (rc < 0)
		return rc;
	*cell = qun_cube_cell(report, qun_buf_span(key));
	return *cell ? qun_cell_text(*cell, who->name) : QUN_ENOMEM;
}

static int add_person(const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who,
	struct qun_buf *key, const struct qun_deal *d, size_t n)
{
	struct qun_cell *cell = NULL;
	int rc = person_cell(ctx, report, who, key, d, &cell);

	if (rc == 0)
		rc = qun_cell_add(cell, BUYER_ORDERS, (__int128)n);
	if (rc == 0)
		rc = qun_cell_add(cell, BUYER_FIRST_DAY, d[0].day);
	if (rc == 0)
		rc = qun_cell_add(cell, BUYER_LAST_DAY, d[n - 1].day);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = qun_cell_add(cell, BUYER_NET, d[i].net);
		if (rc == 0)
			rc = qun_cell_add(cell, BUYER_UNKNOWN, !d[i].known);
	}
	return rc;
}

int qun_rebuy_fold(const struct qun_ctx *ctx, const struct qun_rebuy_conf *c,
	struct qun_cube *report, const struct qun_who *who, struct qun_buf *key,
	const struct qun_deal *d, size_t n)
{
	size_t prefix = key->len, from = 0, to = n;
	int rc = 0;

	switch (c->kind) {
	case REBUY_NONE: break;
	case REBUY_LADDER: rc = add_rungs(ctx, report, key, d, n); break;
	case REBUY_GAPS: rc = add_gaps(ctx, report, key, d, n); break;
	case REBUY_RFM:
		while (from < n && !qun_in_range(ctx->run, d[from].ts))
			from++;
		while (to > from && !qun_in_range(ctx->run, d[to - 1].ts))
			to--;
		if (from < to)
			rc = add_person(ctx, report, who, key, d + from, to - from);
		break;
	case REBUY_CLV:
		/* The model needs a buyer's whole history: the range chooses whose. */
		if (qun_in_range(ctx->run, d[0].ts))
			rc = add_person(ctx, report, who, key, d, n);
		break;
	}
	key->len = prefix;
	return rc;
}
