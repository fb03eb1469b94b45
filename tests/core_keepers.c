/* What keeps things by name, by number or in order, against its laws and brute force. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "core/short.h"
#include "qun/cal.h"
#include "qun/dict.h"
#include "qun/keep.h"
#include "qun/tape.h"

/* The definition, byte by byte. */
static uint64_t slow_siphash(const uint64_t key[2], const char *s, size_t len)
{
	uint64_t v0 = key[0] ^ UINT64_C(0x736f6d6570736575), v1 = key[1] ^ UINT64_C(0x646f72616e646f6d);
	uint64_t v2 = key[0] ^ UINT64_C(0x6c7967656e657261), v3 = key[1] ^ UINT64_C(0x7465646279746573);

#define ROTL(x, n) ((x) << (n) | (x) >> (64 - (n)))
	for (size_t at = 0; at <= len / 8 + 3; at++) {
		uint64_t word = at == len / 8 ? (uint64_t)len << 56 : 0;

		for (size_t i = at * 8; i < len && i < at * 8 + 8; i++)
			word |= (uint64_t)(unsigned char)s[i] << (8 * (i % 8));
		if (at == len / 8 + 1)
			v2 ^= 0xff;
		v3 ^= word;
		v0 += v1, v2 += v3;
		v1 = ROTL(v1, 13) ^ v0, v3 = ROTL(v3, 16) ^ v2, v0 = ROTL(v0, 32);
		v2 += v1, v0 += v3;
		v1 = ROTL(v1, 17) ^ v2, v3 = ROTL(v3, 21) ^ v0, v2 = ROTL(v2, 32);
		v0 ^= word;
	}
#undef ROTL
	return v0 ^ v1 ^ v2 ^ v3;
}

/* Every length, in memory that ends with the string, so that a load beyond is caught. */
static void test_short(void)
{
	bool ok = true;

	for (size_t len = 0; len < 100; len++) {
		uint64_t key[2] = {draw(UINT64_MAX), draw(UINT64_MAX)};
		char *a = malloc(len + !len), *b = malloc(len + !len);

		for (size_t i = 0; i < len; i++)
			a[i] = b[i] = (char)draw(256);
		ok &= qun_siphash(key, (struct qun_span){a, len}) == slow_siphash(key, a, len);
		ok &= qun_short_same(a, b, len);
		for (size_t i = 0; i < len; i++) {
			b[i] ^= 16;
			ok &= !qun_short_same(a, b, len);
			b[i] ^= 16;
		}
		free(a);
		free(b);
	}
	report(ok, "short strings are hashed and compared to their last byte");
}

static void test_dict(void)
{
	const uint64_t zero[2] = {0, 0};
	struct qun_dict d = {0};
	struct qun_span nul = {"a\0b", 3};
	char text[32];
	uint32_t id;
	bool ok = qun_dict_find(&d, nul) == QUN_NONE;

	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 50000; i++) {
			snprintf(text, sizeof(text), "user%" PRIu32, i * 7);
			ok &= qun_dict_add(&d, qun_span_of(text), &id) == 0 && id == i;
		}
	}
	ok &= qun_dict_add(&d, nul, &id) == 0 && id == 50000 && qun_dict_find(&d, nul) == id;
	ok &= qun_span_eq(qun_dict_text(&d, id), nul) && qun_dict_text(&d, id).ptr[3] == '\0';
	ok &= qun_dict_find(&d, qun_span_of("user3")) == QUN_NONE &&
	      qun_dict_text(&d, QUN_NONE).len == 0;
	qun_dict_release(&d);
	report(ok && d.n == 0, "a dictionary numbers strings by first appearance");
	report(qun_siphash(zero, qun_span_of("abc")) == (uint64_t)INT64_C(-4594863902769663758) &&
			qun_siphash(zero, qun_span_of("hello world, abc")) ==
				UINT64_C(5876327869744847490),
		"SipHash-1-3 agrees with another implementation");
}

/* Strings of few letters, of which NUL is one, behind bytes that all of them, most or some begin with. */
static void test_dict_order(void)
{
	static const char letters[] = {'\0', 'a', 'b', '\xff'};
	bool ok = true;

	for (int round = 0; round < 200; round++) {
		struct qun_dict d = {0};
		size_t common = draw(20), want = draw(60);
		uint32_t *order, id;

		for (size_t i = 0; i < want; i++) {
			char text[40];
			size_t len = draw(10) ? common : draw(20), end = len + draw(20);

			memset(text, 'c', len);
			for (; len < end; len++)
				text[len] = letters[draw(draw(2) ? 4 : 1)];
			ok &= qun_dict_add(&d, (struct qun_span){text, len}, &id) == 0;
		}
		ok &= qun_dict_order(&d, &order) == 0;
		for (size_t i = 1; i < d.n; i++)
			ok &= qun_span_cmp(qun_dict_text(&d, order[i - 1]), qun_dict_text(&d, order[i])) < 0;
		free(order);
		qun_dict_release(&d);
	}
	report(ok, "strings come in the order of their bytes");
}

static void test_vec(void)
{
	struct qun_buf want = {0}, got = {0};
	bool ok = true;

	for (int i = 0; i < 2000; i++) {
		struct qun_vec all = {0}, part[3] = {{0}}, back = {0};
		struct qun_reader in;
		size_t n = draw(40), cut;

		for (size_t j = 0; j < n; j++) {
			int64_t x = draw(2) ? draw_wide() : (int64_t)draw(5);

			ok &= qun_vec_add(&all, x) == 0 && qun_vec_add(&part[draw(3)], x) == 0;
		}
		if (draw(2))
			qun_vec_sort(&part[1]);
		if (draw(2)) { /* (0 + 1) + 2 against 0 + (1 + 2) */
			qun_vec_merge(&part[1], &part[2]);
			qun_vec_merge(&part[0], &part[1]);
		} else {
			qun_vec_merge(&part[0], &part[1]);
			qun_vec_merge(&part[0], &part[2]);
		}
		qun_buf_clear(&want);
		qun_buf_clear(&got);
		ok &= qun_vec_save(&all, &want) == 0 && qun_vec_save(&part[0], &got) == 0;
		ok &= qun_span_eq(qun_buf_span(&want), qun_buf_span(&got));
		in = qun_reader_of(qun_buf_span(&want));
		ok &= qun_vec_load(&back, &in) == 0 && qun_reader_done(&in) && back.n == n;
		for (size_t j = 0; j < n; j++)
			ok &= back.v[j] == all.v[j];
		qun_vec_release(&back);
		cut = want.len ? draw(want.len) : 0;
		in = qun_reader_of((struct qun_span){want.ptr, cut});
		ok &= qun_vec_load(&back, &in) == QUN_ESTATE && back.n == 0 && in.ptr == want.ptr;
		qun_vec_unique(&all);
		for (size_t j = 1; j < all.n; j++)
			ok &= all.v[j - 1] < all.v[j];
		qun_vec_release(&all);
		for (int j = 0; j < 3; j++)
			qun_vec_release(&part[j]);
	}
	qun_buf_release(&want);
	qun_buf_release(&got);
	report(ok, "vectors: any order, split and merge saves the same bytes");
}

static int cmp_int(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The members of a against the sorted list v with repeats. */
static bool bits_hold(const struct qun_bits *a, const int64_t *v, size_t n)
{
	size_t i = 0, count = 0;
	int64_t x = INT64_MIN;
	bool ok = true;

	for (; qun_bits_next(a, x, &x); x++) {
		ok &= i < n && v[i] == x && qun_bits_has(a, x);
		while (i < n && v[i] == x)
			i++;
		count++;
	}
	return ok && i == n && count == qun_bits_count(a) && !qun_bits_next(a, INT64_MAX, &x);
}

static void test_bits(void)
{
	struct qun_buf want = {0}, got = {0};
	struct qun_bits edge = {0};
	bool ok = true;

	for (int i = 0; i < 2000; i++) {
		struct qun_bits all = {0}, part[2] = {0}, back = {0};
		int64_t v[40], base = (int64_t)draw(100000) - 50000;
		size_t n = draw(40);
		struct qun_reader in;

		for (size_t j = 0; j < n; j++) {
			v[j] = base + (int64_t)draw(draw(2) ? 70 : 2000) - 100;
			ok &= qun_bits_add(&all, v[j]) == 0 &&
			      qun_bits_add(&part[draw(2)], v[j]) == 0;
		}
		qsort(v, n, sizeof(*v), cmp_int);
		ok &= qun_bits_merge(&part[0], &part[1]) == 0 && bits_hold(&all, v, n) &&
		      bits_hold(&part[0], v, n) && !qun_bits_has(&all, base + 5000);
		qun_buf_clear(&want);
		qun_buf_clear(&got);
		ok &= qun_bits_save(&all, &want) == 0 && qun_bits_save(&part[0], &got) == 0;
		ok &= qun_span_eq(qun_buf_span(&want), qun_buf_span(&got));
		in = qun_reader_of(qun_buf_span(&want));
		ok &= qun_bits_load(&back, &in) == 0 && qun_reader_done(&in) &&
		      bits_hold(&back, v, n);
		qun_bits_release(&back);
		ok &= qun_bits_copy(&back, &all) == 0 && bits_hold(&back, v, n);
		qun_bits_release(&back);
		qun_bits_release(&all);
		qun_bits_release(&part[0]);
		qun_bits_release(&part[1]);
	}
	report(ok, "bitmaps: members, walks, merges and saved bytes");
	ok = qun_bits_add(&edge, INT64_C(1) << 33) == QUN_ELIMIT && edge.words == 0 &&
	     qun_bits_add(&edge, -(INT64_C(1) << 33)) == QUN_ELIMIT &&
	     qun_bits_add(&edge, (INT64_C(1) << 33) - 1) == 0 && edge.words == 1;
	for (size_t i = 0; i < 4;
		i++) { /* zero bytes at the ends, a base out of range, a huge count */
		static const struct qun_span bad[] = {{"\x02\x00\x00\x01", 4},
			{"\x02\x00\x01\x00", 4}, {"\x01\x80\x80\x80\x80\x08\x01", 7},
			{"\x7f\x00\x01", 3}};
		struct qun_bits back = {0};
		struct qun_reader in = qun_reader_of(bad[i]);

		ok &= qun_bits_load(&back, &in) == QUN_ESTATE && !back.w && in.ptr == bad[i].ptr;
	}
	report(ok, "bitmaps keep to their range and refuse bytes they would not write");
	qun_bits_release(&edge);
	qun_buf_release(&want);
	qun_buf_release(&got);
}

static void test_slots(void)
{
	struct element {
		uint32_t group;
		int64_t sum;
	} * e;
	QUN_SLOTS(struct element) all = {0};
	struct qun_slots *s = &all.slots;
	int64_t sums[300] = {0};
	uint32_t distinct = 0;
	bool ok = true;

	for (int i = 0; i < 5000; i++) {
		uint32_t group = (uint32_t)draw((uint64_t)i / 16 + 1);

		ok &= (qun_slot_find(s, group, sizeof(*e)) != NULL) ==
		      (sums[group % 300] != 0 && group < 300);
		if (group >= 300)
			continue;
		e = qun_slot(s, group, sizeof(*e));
		ok &= e->group == group && e->sum == sums[group];
		distinct += sums[group] == 0;
		e->sum = sums[group] += i + 1;
	}
	ok &= s->n == distinct;
	for (uint32_t i = 0; i < s->n; i++) {
		e = qun_slot_at(s, i, sizeof(*e));
		ok &= e->sum == sums[e->group] && qun_slot_find(s, e->group, sizeof(*e)) == e;
	}
	qun_slots_release(s);
	report(ok, "slots find the state of every group");
}

/* Steps as logs have them, and wild ones. */
static int64_t draw_gap(void)
{
	static const int64_t unit[] = {QUN_SECOND, 60 * QUN_SECOND, 1000, 1, -QUN_SECOND, QUN_DAY};

	return draw(8) ? (int64_t)draw(100) * unit[draw(COUNT(unit))] : draw_wide();
}

static void test_tape(void)
{
	int64_t ts[3000];
	uint64_t with[3000];
	struct qun_pile pile = {0};
	bool ok = true;

	for (int round = 0; round < 20; round++) {
		uint32_t n = (uint32_t)draw(round < 10 ? 30 : COUNT(ts)), i = n;
		struct qun_vec all = {0}, none = {0};
		struct qun_tape t = {0};
		bool sorted = true;

		for (uint32_t k = 0; k < n; k++) {
			ts[k] = (int64_t)((uint64_t)(k ? ts[k - 1] : 0) + (uint64_t)draw_gap());
			with[k] = draw(4) && k ? with[k - 1] : (uint64_t)draw_wide();
			sorted &= !k || ts[k - 1] <= ts[k];
			ok &= qun_tape_add(&pile, &t, ts[k], with[k]) == 0;
		}
		ok &= t.n == n && qun_tape_instants(&pile, &t, &all) == 0;
		ok &= all.n == n && (n == 0 || (memcmp(all.v, ts, n * sizeof(*ts)) == 0 && all.sorted == sorted));
		for (struct qun_tape_walk w = qun_tape_walk(&pile, &t); w.left && i; qun_tape_back(&w), i--)
			ok &= w.ts == ts[i - 1] && w.with == with[i - 1] && w.left == i;
		ok &= i == 0 && qun_vec_add(&none, INT64_MAX) == 0 && qun_tape_instants(&pile, &t, &none) == 0;
		ok &= none.n == n + 1 && (n == 0 || (memcmp(none.v + 1, ts, n * sizeof(*ts)) == 0 && !none.sorted));
		qun_vec_release(&all);
		qun_vec_release(&none);
	}
	qun_pile_release(&pile);
	report(ok, "a tape gives back what was added, from the newest on and in order");
}

int main(void)
{
	test_short();
	test_dict();
	test_dict_order();
	test_vec();
	test_bits();
	test_slots();
	test_tape();
	printf("1..%d\n", tests);
	return failures > 0;
}
