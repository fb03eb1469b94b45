/*
 * Report states. A cube is a dictionary of keys beside an array of cells; everything a cell holds
 * adds up, so merging needs no knowledge of the metric.
 */
#include <stdlib.h>
#include <string.h>

#include "core/short.h"
#include "qun/cube.h"

enum { MAX_SUMS = 1 << 20, MAX_BAGS = 64, RECENT = 1024, RECENT_FROM = 8 };

static void cell_release(struct qun_cell *cell)
{
	for (uint32_t i = 0; i < cell->nbag; i++)
		qun_vec_release(&cell->bag[i]);
	free(cell->bag);
	free(cell->sum);
	free(cell->text);
}

/* Where a key met lately stands; NULL while there are few. */
static uint32_t *recent_of(struct qun_cube *c, struct qun_span key)
{
	if (!c->recent && c->keys.n >= RECENT_FROM)
		c->recent = calloc(RECENT, sizeof(*c->recent)); /* without memory we go on without it */
	return c->recent ? &c->recent[qun_short_mix(key.ptr, key.len) % RECENT] : NULL;
}

struct qun_cell *qun_cube_cell(struct qun_cube *c, struct qun_span key)
{
	uint32_t *recent = recent_of(c, key), id;

	if (recent && *recent) {
		struct qun_span known = qun_dict_text(&c->keys, *recent - 1);

		if (known.len == key.len && qun_short_same(known.ptr, key.ptr, key.len))
			return &c->cell[*recent - 1];
	}
	id = qun_dict_find(&c->keys, key);
	if (id == QUN_NONE) {
		if (qun_grow(&c->cell, &c->cap, c->keys.n, sizeof(*c->cell)) < 0)
			return NULL;
		memset(&c->cell[c->keys.n], 0, sizeof(*c->cell));
		if (qun_dict_add(&c->keys, key, &id) < 0)
			return NULL;
	}
	if (recent)
		*recent = id + 1;
	return &c->cell[id];
}

int qun_cell_room(struct qun_cell *cell, uint32_t n)
{
	size_t size = cell->is_wide ? sizeof(*cell->wide) : sizeof(*cell->sum);
	uint32_t cap = cell->nsum;
	void *sum;

	if (n <= cell->nsum)
		return 0;
	if (n > MAX_SUMS)
		return QUN_ELIMIT;
	/* Capacity is the next power of two, so it need not be stored. */
	while (cap & (cap - 1))
		cap += cap & -cap;
	if (cap < n) {
		cap = cap ? cap : 1;
		while (cap < n)
			cap *= 2;
		sum = realloc(cell->sum, cap * size);
		if (!sum)
			return QUN_ENOMEM;
		cell->sum = sum;
	}
	memset((char *)cell->sum + cell->nsum * size, 0, (n - cell->nsum) * size);
	cell->nsum = n;
	return 0;
}

/* Makes the sums those of 128 bits. */
static int widen(struct qun_cell *cell)
{
	uint32_t cap = cell->nsum;
	__int128 *wide;

	while (cap & (cap - 1))
		cap += cap & -cap;
	wide = reallocarray(NULL, cap ? cap : 1, sizeof(*wide));
	if (!wide)
		return QUN_ENOMEM;
	for (uint32_t i = 0; i < cell->nsum; i++)
		wide[i] = cell->sum[i];
	free(cell->sum);
	cell->wide = wide;
	cell->is_wide = true;
	return 0;
}

int qun_cell_add_any(struct qun_cell *cell, uint32_t i, __int128 x)
{
	__int128 total;
	int64_t small;
	int rc = i < cell->nsum ? 0 : i < MAX_SUMS ? qun_cell_room(cell, i + 1) : QUN_ELIMIT;

	if (rc < 0)
		return rc;
	if (__builtin_add_overflow(qun_cell_sum(cell, i), x, &total))
		return QUN_EOVERFLOW;
	small = (int64_t)total;
	if (!cell->is_wide && small == total) {
		cell->sum[i] = small;
		return 0;
	}
	if (!cell->is_wide)
		rc = widen(cell);
	if (rc == 0)
		cell->wide[i] = total;
	return rc;
}

__int128 qun_cell_sum(const struct qun_cell *cell, uint32_t i)
{
	if (!cell || i >= cell->nsum)
		return 0;
	return cell->is_wide ? cell->wide[i] : cell->sum[i];
}

static int need_bags(struct qun_cell *cell, uint32_t n)
{
	struct qun_vec *bag;

	if (n <= cell->nbag)
		return 0;
	if (n > MAX_BAGS)
		return QUN_ELIMIT;
	bag = realloc(cell->bag, n * sizeof(*bag));
	if (!bag)
		return QUN_ENOMEM;
	memset(bag + cell->nbag, 0, (n - cell->nbag) * sizeof(*bag));
	cell->bag = bag;
	cell->nbag = (uint8_t)n;
	return 0;
}

int qun_cell_put(struct qun_cell *cell, uint32_t bag, int64_t x)
{
	int rc = need_bags(cell, bag + 1);

	return rc < 0 ? rc : qun_vec_add(&cell->bag[bag], x);
}

const int64_t *qun_cell_bag(const struct qun_cell *cell, uint32_t bag, size_t *n)
{
	*n = 0;
	if (!cell || bag >= cell->nbag)
		return NULL;
	qun_vec_sort(&cell->bag[bag]);
	*n = cell->bag[bag].n;
	return cell->bag[bag].v;
}

int qun_cell_text(struct qun_cell *cell, struct qun_span text)
{
	struct qun_span old = {cell->text, cell->text_len};
	char *copy;

	if (cell->text && qun_span_cmp(text, old) <= 0)
		return 0;
	if (text.len >= UINT32_MAX)
		return QUN_ELIMIT;
	copy = malloc(text.len + 1);
	if (!copy)
		return QUN_ENOMEM;
	if (text.len)
		memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	free(cell->text);
	cell->text = copy;
	cell->text_len = (uint32_t)text.len;
	return 0;
}

static int cell_merge(struct qun_cell *dst, const struct qun_cell *src)
{
	int rc = qun_cell_room(dst, src->nsum);

	for (uint32_t i = 0; rc == 0 && i < src->nsum; i++)
		rc = qun_cell_add(dst, i, qun_cell_sum(src, i));
	if (rc == 0)
		rc = need_bags(dst, src->nbag);
	for (uint32_t i = 0; rc == 0 && i < src->nbag; i++)
		rc = qun_vec_merge(&dst->bag[i], &src->bag[i]);
	if (rc == 0 && src->text)
		rc = qun_cell_text(dst, (struct qun_span){src->text, src->text_len});
	return rc;
}

int qun_cube_merge(struct qun_cube *dst, const struct qun_cube *src)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < src->keys.n; i++) {
		struct qun_cell *cell = qun_cube_cell(dst, qun_cube_key(src, i));

		rc = cell ? cell_merge(cell, &src->cell[i]) : QUN_ENOMEM;
	}
	return rc;
}

int qun_cube_take(struct qun_cube *dst, struct qun_cube *src)
{
	int rc = 0;

	if (dst->keys.n == 0) {
		qun_cube_release(dst);
		*dst = *src;
		memset(src, 0, sizeof(*src));
		return 0;
	}
	for (uint32_t i = 0; rc == 0 && i < src->keys.n; i++) {
		size_t before = dst->keys.n;
		struct qun_cell *cell = qun_cube_cell(dst, qun_cube_key(src, i));

		if (cell && dst->keys.n > before) {
			*cell = src->cell[i];
			memset(&src->cell[i], 0, sizeof(src->cell[i]));
		} else {
			rc = cell ? cell_merge(cell, &src->cell[i]) : QUN_ENOMEM;
		}
	}
	qun_cube_release(src);
	return rc;
}

size_t qun_cube_count(const struct qun_cube *c)
{
	return c->keys.n;
}

struct qun_span qun_cube_key(const struct qun_cube *c, uint32_t i)
{
	return qun_dict_text(&c->keys, i);
}

const struct qun_cell *qun_cube_at(const struct qun_cube *c, uint32_t i)
{
	return &c->cell[i];
}

const struct qun_cell *qun_cube_find(const struct qun_cube *c, struct qun_span key)
{
	uint32_t id = qun_dict_find(&c->keys, key);

	return id == QUN_NONE ? NULL : &c->cell[id];
}

int qun_cube_order(const struct qun_cube *c, uint32_t **order)
{
	return qun_dict_order(&c->keys, order);
}

/* Trailing zero sums and empty bags say nothing: leaving them out makes the bytes canonical. */
static int cell_save(const struct qun_cell *cell, struct qun_buf *out)
{
	uint32_t nsum = cell->nsum, nbag = cell->nbag;
	int rc;

	while (nsum && qun_cell_sum(cell, nsum - 1) == 0)
		nsum--;
	while (nbag && cell->bag[nbag - 1].n == 0)
		nbag--;
	rc = qun_save_u64(out, nsum);
	for (uint32_t i = 0; rc == 0 && i < nsum; i++)
		rc = qun_save_i128(out, qun_cell_sum(cell, i));
	if (rc == 0)
		rc = qun_save_u64(out, nbag);
	for (uint32_t i = 0; rc == 0 && i < nbag; i++)
		rc = qun_vec_save(&cell->bag[i], out);
	if (rc == 0)
		rc = qun_save_u64(out, cell->text != NULL);
	if (rc == 0 && cell->text)
		rc = qun_save_span(out, (struct qun_span){cell->text, cell->text_len});
	return rc;
}

int qun_cube_save(const struct qun_cube *c, struct qun_buf *out)
{
	uint32_t *order;
	int rc = qun_cube_order(c, &order);

	if (rc < 0)
		return rc;
	rc = qun_save_u64(out, c->keys.n);
	for (size_t i = 0; rc == 0 && i < c->keys.n; i++) {
		rc = qun_save_span(out, qun_cube_key(c, order[i]));
		if (rc == 0)
			rc = cell_save(&c->cell[order[i]], out);
	}
	free(order);
	return rc;
}

static int cell_load(struct qun_cell *cell, struct qun_reader *in)
{
	struct qun_span text;
	uint64_t has_text;
	__int128 x = 1;
	size_t n;
	int rc = qun_load_count(in, 1, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = qun_load_i128(in, &x);
		if (rc == 0)
			rc = qun_cell_add(cell, (uint32_t)i, x);
	}
	if (rc == 0 && x == 0)
		return QUN_ESTATE; /* not the shortest form */
	if (rc == 0)
		rc = qun_load_count(in, 1, &n);
	if (rc == 0 && n > MAX_BAGS)
		return QUN_ESTATE;
	if (rc == 0)
		rc = need_bags(cell, (uint32_t)n);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = qun_vec_load(&cell->bag[i], in);
	if (rc == 0 && n && cell->bag[n - 1].n == 0)
		return QUN_ESTATE;
	if (rc == 0)
		rc = qun_load_u64(in, &has_text);
	if (rc == 0 && has_text > 1)
		return QUN_ESTATE;
	if (rc == 0 && has_text) {
		rc = qun_load_span(in, &text);
		if (rc == 0)
			rc = qun_cell_text(cell, text);
	}
	return rc;
}

int qun_cube_load(struct qun_cube *c, struct qun_reader *in)
{
	struct qun_span key, last = {NULL, 0};
	size_t n;
	int rc = qun_load_count(in, 4, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct qun_cell *cell;

		rc = qun_load_span(in, &key);
		if (rc < 0)
			break;
		if (i && qun_span_cmp(last, key) >= 0)
			return QUN_ESTATE;
		last = key;
		cell = qun_cube_cell(c, key);
		rc = cell ? cell_load(cell, in) : QUN_ENOMEM;
	}
	return rc == QUN_ELIMIT ? QUN_ESTATE : rc;
}

void qun_cube_release(struct qun_cube *c)
{
	for (size_t i = 0; i < c->keys.n; i++)
		cell_release(&c->cell[i]);
	free(c->cell);
	free(c->recent);
	qun_dict_release(&c->keys);
	memset(c, 0, sizeof(*c));
}
