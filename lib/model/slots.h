/*
 * What every metric with states by group does alike with them: merging by group name, saving in the
 * order of the names, loading. Group numbers differ between contexts, names do not.
 */
#ifndef MODEL_SLOTS_H
#define MODEL_SLOTS_H

#include "qun/member.h"

/* The elements of a qun_slots: their size (group number first) and what to do with one of them. */
struct qun_slot_type {
	size_t size;
	int (*merge)(
		const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src);
	int (*save)(const struct qun_ctx *ctx, void *slot, struct qun_buf *out);
	int (*load)(const struct qun_ctx *ctx, void *slot, struct qun_reader *in); /* slot: empty */
	void (*release)(void *slot);
};

int qun_slots_merge(const struct qun_slot_type *type, const struct qun_ctx *dctx,
	struct qun_slots *dst, const struct qun_ctx *sctx, const struct qun_slots *src);
int qun_slots_save(const struct qun_slot_type *type, const struct qun_ctx *ctx,
	const struct qun_slots *s, struct qun_buf *out);
int qun_slots_load(const struct qun_slot_type *type, const struct qun_ctx *ctx, struct qun_slots *s,
	struct qun_reader *in); /* s must be empty */
/* Releases the elements and the array. */
void qun_slots_clear(const struct qun_slot_type *type, struct qun_slots *s);

/* The plainest state by group: rule R and nothing else. */
struct qun_member_slot {
	uint32_t group;
	struct qun_member member;
};

extern const struct qun_slot_type qun_member_slots;

#endif
