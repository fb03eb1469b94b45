/* States by group: one loop each for merging, saving and loading, whatever a state holds. */
#include <stdlib.h>

#include "model/parts.h"
#include "model/slots.h"

/* Number of a group by name; the empty name, which no group has, is that of the state of no group. */
static int group_in(const struct qun_ctx *ctx, struct qun_span name, uint32_t *group)
{
	*group = QUN_NONE;
	return name.len ? qun_dict_add(ctx->groups, name, group) : 0;
}

int qun_slots_merge(const struct qun_slot_type *type, const struct qun_ctx *dctx,
	struct qun_slots *dst, const struct qun_ctx *sctx, const struct qun_slots *src)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < src->n; i++) {
		const uint32_t *from = qun_slot_at(src, i, type->size);
		uint32_t group;
		void *to;

		rc = qun_group_move(dctx, sctx, *from, &group);
		if (rc < 0)
			break;
		to = qun_slot(dst, group, type->size);
		rc = to ? type->merge(dctx, to, sctx, from) : QUN_ENOMEM;
	}
	return rc;
}

struct named {
	struct qun_span group;
	void *slot;
};

static int by_name(const void *a, const void *b)
{
	return qun_span_cmp(((const struct named *)a)->group, ((const struct named *)b)->group);
}

int qun_slots_save(const struct qun_slot_type *type, const struct qun_ctx *ctx,
	const struct qun_slots *s, struct qun_buf *out)
{
	struct named *v = malloc((s->n ? s->n : 1) * sizeof(*v));
	int rc = v ? qun_save_u64(out, s->n) : QUN_ENOMEM;

	for (uint32_t i = 0; v && i < s->n; i++) {
		v[i].slot = qun_slot_at(s, i, type->size);
		v[i].group = qun_dict_text(ctx->groups, *(const uint32_t *)v[i].slot);
	}
	if (v)
		qsort(v, s->n, sizeof(*v), by_name);
	for (uint32_t i = 0; rc == 0 && i < s->n; i++) {
		rc = qun_save_span(out, v[i].group);
		if (rc == 0)
			rc = type->save(ctx, v[i].slot, out);
	}
	free(v);
	return rc;
}

int qun_slots_load(const struct qun_slot_type *type, const struct qun_ctx *ctx, struct qun_slots *s,
	struct qun_reader *in)
{
	struct qun_span name, last = {NULL, 0};
	uint32_t group;
	size_t n;
	int rc = qun_load_count(in, 2, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		void *slot;

		rc = qun_load_span(in, &name);
		if (rc == 0 && i && qun_span_cmp(last, name) >= 0)
			rc = QUN_ESTATE;
		if (rc == 0)
			rc = group_in(ctx, name, &group);
		if (rc < 0)
			break;
		last = name;
		slot = qun_slot(s, group, type->size);
		rc = slot ? type->load(ctx, slot, in) : QUN_ENOMEM;
	}
	return rc;
}

void qun_slots_clear(const struct qun_slot_type *type, struct qun_slots *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		type->release(qun_slot_at(s, i, type->size));
	qun_slots_release(s);
}

static int member_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	return qun_member_merge(dctx, &((struct qun_member_slot *)dst)->member, sctx,
		&((const struct qun_member_slot *)src)->member);
}

static int member_save(const struct qun_ctx *ctx, void *slot, struct qun_buf *out)
{
	return qun_member_save(ctx, &((struct qun_member_slot *)slot)->member, out);
}

static int member_load(const struct qun_ctx *ctx, void *slot, struct qun_reader *in)
{
	struct qun_member *m = &((struct qun_member_slot *)slot)->member;
	int rc = qun_member_load(ctx, m, in);

	/* A slot is made for something to keep in it. */
	return rc == 0 && !m->marks.n && !m->presence.n ? QUN_ESTATE : rc;
}

static void member_release(void *slot)
{
	qun_member_release(&((struct qun_member_slot *)slot)->member);
}

const struct qun_slot_type qun_member_slots = {
	sizeof(struct qun_member_slot), member_merge, member_save, member_load, member_release};
