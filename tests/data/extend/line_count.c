/* line-count: how many messages did each group get? The smallest metric there is. */
#include "qun/metric.h"
#include "qun/keep.h"

struct slot {
	uint32_t group;
	uint64_t messages;
};

struct person {
	QUN_SLOTS(struct slot) in;
};

static int add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev)
{
	struct slot *s;

	if (ev->type != QUN_MESSAGE || !qun_counts(ctx->run, ev))
		return 0;
	s = qun_slot(&((struct person *)person)->in.slots, ev->group, sizeof(*s));
	if (!s)
		return QUN_ENOMEM;
	s->messages++;
	return 0;
}

static int merge(const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	const struct person *from = src;

	for (uint32_t i = 0; i < from->in.slots.n; i++) {
		const struct slot *s = qun_slot_at(&from->in.slots, i, sizeof(*s));
		struct slot *to;
		uint32_t group;
		int rc = qun_dict_add(dctx->groups, qun_dict_text(sctx->groups, s->group), &group);

		to = rc < 0 ? NULL : qun_slot(&((struct person *)dst)->in.slots, group, sizeof(*to));
		if (!to)
			return QUN_ENOMEM;
		to->messages += s->messages;
	}
	return 0;
}

/* Groups in the order of their names: the bytes must not tell the order of the events. */
static int save(const struct qun_ctx *ctx, void *person, struct qun_buf *out)
{
	struct person *p = person;
	struct qun_cube sorted = {0};
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < p->in.slots.n; i++) {
		const struct slot *s = qun_slot_at(&p->in.slots, i, sizeof(*s));
		struct qun_cell *cell = qun_cube_cell(&sorted, qun_dict_text(ctx->groups, s->group));

		rc = cell ? qun_cell_add(cell, 0, s->messages) : QUN_ENOMEM;
	}
	if (rc == 0)
		rc = qun_cube_save(&sorted, out);
	qun_cube_release(&sorted);
	return rc;
}

static int load(const struct qun_ctx *ctx, void *person, struct qun_reader *in)
{
	struct qun_cube cube = {0};
	int rc = qun_cube_load(&cube, in);

	for (uint32_t i = 0; rc == 0 && i < qun_cube_count(&cube); i++) {
		struct slot *s;
		uint32_t group;

		rc = qun_dict_add(ctx->groups, qun_cube_key(&cube, i), &group);
		s = rc < 0 ? NULL : qun_slot(&((struct person *)person)->in.slots, group, sizeof(*s));
		if (!s)
			rc = QUN_ENOMEM;
		else if (qun_cube_at(&cube, i)->nsum != 1 || qun_cube_at(&cube, i)->nbag || qun_cube_at(&cube, i)->text ||
			qun_cell_sum(qun_cube_at(&cube, i), 0) < 0 || qun_cell_sum(qun_cube_at(&cube, i), 0) > INT64_MAX)
			rc = QUN_ESTATE;
		else
			s->messages = (uint64_t)qun_cell_sum(qun_cube_at(&cube, i), 0);
	}
	qun_cube_release(&cube);
	return rc;
}

static void release(void *person)
{
	qun_slots_release(&((struct person *)person)->in.slots);
}

static int fold(const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who, void *person)
{
	struct person *p = person;

	for (uint32_t i = 0; !who->bot && i < p->in.slots.n; i++) {
		const struct slot *s = qun_slot_at(&p->in.slots, i, sizeof(*s));
		struct qun_cell *cell = qun_cube_cell(report, qun_dict_text(ctx->groups, s->group));

		if (!cell || qun_cell_add(cell, 0, s->messages) < 0)
			return QUN_ENOMEM;
	}
	return 0;
}

static int finish(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out, struct qun_err *err)
{
	(void)ctx;
	(void)err;
	qun_table_column(out, "group", QUN_K_TEXT, QUN_COL_KEY);
	qun_table_column(out, "messages", QUN_K_INT, 0);
	for (uint32_t i = 0; i < qun_cube_count(report); i++) {
		qun_put_text(out, qun_cube_key(report, i));
		qun_put_int(out, qun_cell_sum(qun_cube_at(report, i), 0));
		if (qun_row_end(out) < 0)
			return QUN_ENOMEM;
	}
	return 0;
}

static const char *const examples[] = {"line-count chat.json", NULL};

const struct qun_metric qun_metric_line_count = {
	.name = "line-count",
	.brief = "How many messages did each group get?",
	.examples = examples,
	.person_size = sizeof(struct person),
	.add = add,
	.merge = merge,
	.save = save,
	.load = load,
	.release = release,
	.fold = fold,
	.finish = finish,
};
