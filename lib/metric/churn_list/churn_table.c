/* The list: classes are given here, where a group's own patience is known. */
#include "metric/churn_list/churn.h"

#include <stdlib.h>
#include <string.h>

#include "qun/stat.h"

enum { AUTO_DAYS = 30, AUTO_MIN_DAYS = 7, AUTO_MIN_PEOPLE = 10 };
enum { AHEAD = 8 }; /* cells, which lie in no order, are fetched so far ahead */

const char *const qun_churn_class[CHURN_CLASSES] = {
	"left", "newcomer", "buyer-silent", "benefits-only", "never-spoke", "silent", "cooling"};

/* A person on the list. */
struct row {
	uint32_t cell, group; /* numbers in the cube and in the list's groups */
	unsigned fits;
	int class;
	__int128 amount, silent_days;
	size_t place; /* in the order of group and user */
};

struct group {
	uint32_t cell;
	int64_t silent_days;
	bool asked; /* --floor lets it in */
	uint64_t class[CHURN_CLASSES];
	uint64_t listed, members_listed;
};

struct list {
	struct row *row;
	size_t nrow, row_cap;
	struct group *group;
	size_t ngroup, group_cap;
};

static void list_release(struct list *l)
{
	free(l->row);
	free(l->group);
}

/* 90th percentile of the members' longest gaps. */
static int64_t patience_of(const struct qun_cell *cell)
{
	size_t n;
	const int64_t *gap = qun_cell_bag(cell, LONGEST_GAPS, &n);
	int64_t days;

	if (n < AUTO_MIN_PEOPLE)
		return AUTO_DAYS;
	days = qun_quantile(gap, n, 9, 10);
	return days > AUTO_MIN_DAYS ? days : AUTO_MIN_DAYS;
}

static int list_group(
	const struct churn_conf *c, struct list *l, const struct qun_cell *cell, uint32_t number)
{
	double members = (double)qun_cell_sum(cell, FLOOR_MEMBERS);
	double active = (double)qun_cell_sum(cell, FLOOR_ACTIVE);
	struct group *g;

	if (qun_grow(&l->group, &l->group_cap, l->ngroup, sizeof(*g)) < 0)
		return QUN_ENOMEM;
	g = &l->group[l->ngroup++];
	*g = (struct group){.cell = number};
	g->silent_days = c->silent_days ? c->silent_days : patience_of(cell);
	for (uint32_t i = 0; i < CHURN_CLASSES; i++)
		g->class[i] = (uint64_t)qun_cell_sum(cell, CLASS + i);
	g->asked = c->floor == 0 || (members > 0 && active / members < c->floor);
	return 0;
}

static int list_person(const struct churn_conf *c, struct list *l, const struct qun_cell *cell,
	uint32_t number, size_t place)
{
	unsigned fits = (unsigned)qun_cell_sum(cell, FITS);
	struct group *g;
	int class;

	if (!l->ngroup)
		return QUN_ESTATE;
	g = &l->group[l->ngroup - 1];
	class = qun_churn_class_of(&fits, qun_cell_sum(cell, MESSAGES), qun_cell_sum(cell, MESSAGE_SILENT_DAYS),
		qun_cell_sum(cell, SILENT_DAYS), g->silent_days);
	if (class < 0)
		return 0;
	if (!c->silent_days)
		g->class[class]++;
	if (!g->asked || !qun_churn_listed(c, fits, class, qun_cell_sum(cell, BUYS) > 0))
		return 0;
	if (qun_grow(&l->row, &l->row_cap, l->nrow, sizeof(*l->row)) < 0)
		return QUN_ENOMEM;
	l->row[l->nrow++] = (struct row){number, (uint32_t)(l->ngroup - 1), fits, class,
		qun_cell_sum(cell, UNKNOWN) ? 0 : qun_cell_sum(cell, AMOUNT),
		qun_cell_sum(cell, SILENT_DAYS), place};
	return 0;
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->amount != y->amount)
		return x->amount > y->amount ? -1 : 1;
	if (x->silent_days != y->silent_days)
		return x->silent_days > y->silent_days ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* Keeps the first --quota rows of each group and counts those kept. */
static void list_cut(const struct churn_conf *c, struct list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->nrow; i++) {
		struct group *g = &l->group[l->row[i].group];

		if (c->quota && g->listed == (uint64_t)c->quota)
			continue;
		g->listed++;
		g->members_listed += !(l->row[i].fits & 1u << CHURN_LEFT);
		l->row[n++] = l->row[i];
	}
	l->nrow = n;
}

/* A group's cell comes before those of its people, because its key is the beginning of theirs. */
static int list_make(const struct churn_conf *c, const struct qun_cube *report, struct list *l)
{
	struct qun_buf text = {0};
	size_t n = qun_cube_count(report);
	struct qun_reader in;
	uint32_t *order;
	int rc = qun_cube_order(report, &order);

	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct qun_span key = qun_cube_key(report, order[i]);
		const struct qun_cell *cell = qun_cube_at(report, order[i]);

		if (i + 2 * AHEAD < n) {
			qun_cube_fetch(report, order[i + 2 * AHEAD]);
			qun_cube_fetch_sums(report, order[i + AHEAD]);
		}
		if (!key.len)
			continue;
		in = qun_reader_of(key);
		rc = qun_unkey_text(&in, &text);
		if (rc == 0)
			rc = qun_reader_done(&in) ? list_group(c, l, cell, order[i])
						  : list_person(c, l, cell, order[i], i);
	}
	free(order);
	qun_buf_release(&text);
	if (rc == 0 && l->nrow)
		qsort(l->row, l->nrow, sizeof(*l->row), compare_rows);
	if (rc == 0)
		list_cut(c, l);
	return rc;
}

static int classes_text(unsigned fits, struct qun_buf *text)
{
	int rc = 0;

	qun_buf_clear(text);
	for (int i = 0; rc == 0 && i < CHURN_CLASSES; i++) {
		if (!(fits & 1u << i))
			continue;
		if (text->len)
			rc = qun_buf_add_char(text, ';');
		if (rc == 0)
			rc = qun_buf_add_text(text, qun_churn_class[i]);
	}
	return rc < 0 ? rc : qun_buf_add_char(text, '\0');
}

/* An integer cell, empty where it says nothing. */
static void put_if(struct qun_table *out, bool known, __int128 v)
{
	if (known)
		qun_put_int(out, v);
	else
		qun_put_null(out);
}

static int put_row(const struct qun_ctx *ctx, struct qun_table *out, const struct qun_cube *report,
	const struct row *row, struct qun_buf *text)
{
	const struct churn_conf *c = ctx->conf;
	const struct qun_cell *cell = qun_cube_at(report, row->cell);
	struct qun_reader in = qun_reader_of(qun_cube_key(report, row->cell));
	__int128 silent = row->silent_days, gap = qun_cell_sum(cell, USUAL_GAP_DAYS);
	bool buys = qun_cell_sum(cell, ORDERS) > 0, active = qun_cell_sum(cell, ACTIVE_DAYS) > 0;
	uint32_t group;
	int rc = qun_unkey_text(&in, text);

	if (rc < 0)
		return rc;
	group = qun_dict_find(ctx->groups, qun_buf_span(text));
	qun_put_text(out, qun_buf_span(text));
	rc = qun_unkey_text(&in, text);
	if (rc < 0)
		return rc;
	qun_put_text(out, qun_buf_span(text));
	qun_put_text(out, (struct qun_span){cell->text, cell->text_len});
	qun_put_int(out, qun_cell_sum(cell, JOINED_DAY));
	put_if(out, active, qun_cell_sum(cell, LAST_ACTIVE_DAY));
	qun_put_int(out, silent);
	qun_put_int(out, qun_cell_sum(cell, ACTIVE_DAYS));
	qun_put_int(out, qun_cell_sum(cell, MESSAGES));
	qun_put_int(out, qun_cell_sum(cell, ORDERS));
	put_if(out, !qun_cell_sum(cell, UNKNOWN), qun_cell_sum(cell, AMOUNT));
	put_if(out, buys, qun_cell_sum(cell, LAST_ORDER_DAY));
	put_if(out, gap, gap);
	qun_put_fraction(out, silent, gap);
	qun_put_word(out, qun_churn_class[row->class]);
	rc = classes_text(row->fits & ~(1u << row->class), text);
	if (rc < 0)
		return rc;
	qun_put_word(out, text->ptr);
	qun_put_word(out, qun_basis_name(qun_basis_of(ctx, group)));
	for (int i = JOINED_AFTER_DAY; c->bounds && i <= LEFT_BY_DAY; i++)
		put_if(out, qun_cell_sum(cell, KNOWN) >> i & 1, qun_cell_sum(cell, i));
	return qun_row_end(out);
}

static int put_group(const struct qun_ctx *ctx, struct qun_table *out,
	const struct qun_cube *report, const struct group *g, struct qun_buf *text)
{
	struct qun_reader in = qun_reader_of(qun_cube_key(report, g->cell));
	__int128 members = qun_cell_sum(qun_cube_at(report, g->cell), MEMBERS);
	int rc = qun_unkey_text(&in, text);

	if (rc < 0)
		return rc;
	qun_put_text(out, qun_buf_span(text));
	qun_put_int(out, members);
	qun_put_int(out, g->listed);
	qun_put_wilson(out, g->members_listed, members, ctx->run->z);
	for (int i = 0; i < CHURN_CLASSES; i++)
		qun_put_int(out, g->class[i]);
	return qun_row_end(out);
}

static void add_columns(struct qun_table *out, const struct churn_conf *conf)
{
	static const struct qun_column people[] = {
		{"group", QUN_K_TEXT, 0},
		{"user", QUN_K_TEXT, 0},
		{"name", QUN_K_TEXT, 0},
		{"joined", QUN_K_DATE, 0},
		{"last_active", QUN_K_DATE, 0},
		{"silent_days", QUN_K_INT, 0},
		{"active_days", QUN_K_INT, 0},
		{"messages", QUN_K_INT, 0},
		{"orders", QUN_K_INT, 0},
		{"amount", QUN_K_MONEY, 0},
		{"last_order", QUN_K_DATE, 0},
		{"usual_gap_days", QUN_K_INT, 0},
		{"overdue_ratio", QUN_K_REAL, 0},
		{"class", QUN_K_WORD, 0},
		{"reason", QUN_K_WORD, 0},
		{"basis", QUN_K_WORD, 0},
		{0},
	};
	static const struct qun_column bounds[] = {
		{"joined_after", QUN_K_DATE, 0},
		{"left", QUN_K_DATE, 0},
		{"left_by", QUN_K_DATE, 0},
		{0},
	};
	static const struct qun_column groups[] = {
		{"group", QUN_K_TEXT, QUN_COL_KEY},
		{"members", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_BASE},
		{"listed", QUN_K_INT, QUN_COL_PEOPLE},
		{"rate", QUN_K_RATE, QUN_COL_MAIN},
		{"lo", QUN_K_BOUND, 0},
		{"hi", QUN_K_BOUND, 0},
		{"left", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{"newcomer", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{"buyer_silent", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{"benefits_only", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{"never_spoke", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{"silent", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{"cooling", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{0},
	};

	for (const struct qun_column *c = conf->summary ? groups : people; c->name; c++)
		qun_table_column(out, c->name, c->kind, c->flags);
	for (const struct qun_column *c = bounds; conf->bounds && c->name; c++)
		qun_table_column(out, c->name, c->kind, c->flags);
}

int qun_churn_finish(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out,
	struct qun_err *err)
{
	const struct churn_conf *c = ctx->conf;
	struct qun_buf text = {0};
	struct list list = {0};
	int rc = list_make(c, report, &list);

	(void)err;
	add_columns(out, c);
	out->ordered = !c->summary;
	for (size_t i = 0; rc == 0 && c->summary && i < list.ngroup; i++) {
		if (list.group[i].asked)
			rc = put_group(ctx, out, report, &list.group[i], &text);
	}
	for (size_t i = 0; rc == 0 && !c->summary && i < list.nrow; i++) {
		if (i + 2 * AHEAD < list.nrow) {
			qun_cube_fetch(report, list.row[i + 2 * AHEAD].cell);
			qun_cube_fetch_sums(report, list.row[i + AHEAD].cell);
		}
		rc = put_row(ctx, out, report, &list.row[i], &text);
	}
	qun_buf_release(&text);
	list_release(&list);
	return rc;
}
