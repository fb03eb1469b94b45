/* CSV cut by libcsv alone, and with what is regular passing it by: see twins.h. */
#ifndef TESTS_TWINS_CSV_H
#define TESTS_TWINS_CSV_H

#include "input/cut.h"

#include "twins.h"

enum { TWIN_COLUMNS = 16 };

struct twin_csv {
	struct twin twin;
	struct qun_cut_conf conf;
	bool fast;
	size_t known; /* columns whose cells are compared */
	int column[TWIN_COLUMNS]; /* wanted ones */
	uint64_t portions; /* 0: all at once; else the seed of their sizes */
	size_t largest;    /* of them */
	struct qun_cutter *cutter;
	struct qun_split split;
	bool begun;
};

static inline void twin_row(struct twin_csv *c, uint64_t line, uint64_t offset, struct qun_span raw,
	const struct qun_cell_in *cell, size_t n)
{
	c->twin.records++;
	twin_number(&c->twin, line);
	twin_number(&c->twin, offset);
	twin_number(&c->twin, n);
	for (size_t i = 0; i < n && i < c->known; i++) {
		if (i == 0 || c->column[i] >= 0)
			twin_bytes(&c->twin, cell[i].s);
	}
	twin_bytes(&c->twin, raw);
	twin_end(&c->twin);
}

static inline int twin_on_record(void *arg, const struct qun_record *rec)
{
	struct twin_csv *c = arg;

	if (!c->begun)
		qun_csv_set_columns(c->cutter, rec->n);
	c->begun = true;
	c->cutter->fast = c->fast;
	twin_row(c, rec->line, rec->offset, rec->raw, rec->cell, rec->n);
	return 0;
}

static inline int twin_on_batch(void *arg, const struct qun_batch *b)
{
	struct twin_csv *c = arg;
	const char *end = b->bytes.ptr + b->bytes.len, *at = b->bytes.ptr;
	uint64_t line = b->line;

	c->twin.batched += b->n;
	for (size_t i = 0; i < b->n; i++) {
		struct qun_span raw = {b->bytes.ptr + b->piece[i].from, b->piece[i].len};
		for (; at < raw.ptr; at++)
			line += *at == '\n';
		if (qun_csv_split(&c->split, raw, b->piece[i].odd, i % 5 == 4, end) < 0)
			return QUN_ENOMEM;
		twin_row(c, line, b->offset + b->piece[i].from, raw, c->split.cell, c->split.n);
	}
	return 0;
}

static inline int twin_on_bad_row(void *arg, struct qun_bad *bad)
{
	twin_bad(&((struct twin_csv *)arg)->twin, bad);
	return 0;
}

static inline size_t twin_portion(struct twin_csv *c, size_t left)
{
	if (!c->portions)
		return left;
	c->portions = c->portions * UINT64_C(6364136223846793005) + 1442695040888963407u;
	size_t n = 1 + (size_t)(c->portions >> 33) % c->largest;
	return n < left ? n : left;
}

static inline void twin_cut(struct twin_csv *c, struct qun_span bytes)
{
	const struct qun_cut_sink sink = {.arg = c, .record = twin_on_record, .batch = twin_on_batch,
		.bad = twin_on_bad_row};
	struct qun_err err = {0};
	size_t left = 0, end = 0;
	int rc = qun_split_open(&c->split, c->conf.delimiter, c->column, c->known, c->conf.lane);

	if (rc < 0 || qun_csv_open(&c->cutter, &c->conf, &sink) < 0)
		abort();
	while (rc == 0 && end < bytes.len) {
		size_t begin = end - left;
		end += twin_portion(c, bytes.len - end);
		/* a copy of its own, so that a look beyond it shows */
		char *copy = malloc(end - begin);
		if (!copy)
			abort();
		memcpy(copy, bytes.ptr + begin, end - begin);
		rc = c->cutter->feed(c->cutter, (struct qun_span){copy, end - begin}, &err);
		left = c->cutter->left;
		free(copy);
	}
	if (rc == 0)
		rc = c->cutter->finish(c->cutter, (struct qun_span){bytes.ptr + bytes.len - left, left}, &err);
	twin_number(&c->twin, (uint64_t)rc);
	c->cutter->close(c->cutter);
	qun_split_release(&c->split);
}

/* Do both say the same? Shows where they do not. */
static inline bool twins_agree(struct twin_csv conf, struct qun_span bytes, struct twin *reference, struct twin *fast)
{
	struct twin_csv slow = conf, quick = conf;
	struct qun_buf text[2] = {{0}, {0}};

	slow.fast = false;
	slow.portions = 0;
	quick.fast = true;
	if (!reference->records) {
		twin_cut(&slow, bytes);
		*reference = slow.twin;
	}
	twin_cut(&quick, bytes);
	*fast = quick.twin;
	if (fast->hash == reference->hash)
		return true;
	slow = quick = conf;
	slow.portions = 0;
	quick.fast = true;
	slow.twin.text = &text[0];
	quick.twin.text = &text[1];
	twin_cut(&slow, bytes);
	twin_cut(&quick, bytes);
	printf("# lane %s, delimiter %d\n", qun_lane_name(conf.conf.lane), conf.conf.delimiter);
	twin_show(stdout, &text[0], &text[1]);
	qun_buf_release(&text[0]);
	qun_buf_release(&text[1]);
	return false;
}

#endif
