/* The core against its laws, brute force, and the C library's own zones: bytes, keepers, numbers,
 * calendar, times, UTF-8. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/short.h"
#include "qun/cal.h"
#include "qun/dict.h"
#include "qun/keep.h"
#include "qun/num.h"
#include "qun/tape.h"
#include "qun/utf8.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static int tests, failures;
static uint64_t seed = 1;

static void report(bool ok, const char *what)
{
	failures += !ok;
	printf("%sok %d - %s\n", ok ? "" : "not ", ++tests, what);
}

static uint64_t draw(uint64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 20) % n;
}

/* A number of any size and sign, small ones as likely as large ones. */
static int64_t draw_wide(void)
{
	uint64_t v = (draw(1 << 30) << 34) ^ (draw(1 << 30) << 17) ^ draw(1 << 30);

	return (int64_t)(v >> draw(64)) * (draw(2) ? 1 : -1);
}

static bool buf_is(struct qun_buf *b, const char *text)
{
	bool same = qun_span_is(qun_buf_span(b), text);

	if (!same)
		printf("# got '%.*s', expected '%s'\n", (int)b->len, b->len ? b->ptr : "", text);
	qun_buf_clear(b);
	return same;
}

static void test_spans(void)
{
	struct qun_span s = qun_span_of(" \tabcabc\r\n");
	struct qun_buf b = {.max = 5}, big = {0};
	char text[400];
	bool ok = true;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	s = qun_span_trim(s);
	report(qun_span_is(s, "abcabc") && qun_span_starts(s, "abc") && qun_span_ends(s, "cabc") &&
			!qun_span_ends(s, "xabcabc") && qun_span_find(s, "bc", 2) == 4 &&
			qun_span_find(s, "bc", 5) == -1 && qun_span_find(s, "", 6) == 6,
		"spans are trimmed, compared and searched");
	report(qun_span_cmp(qun_span_of("ab"), qun_span_of("abc")) == -1 &&
			qun_span_cmp(qun_span_of("\xff"), qun_span_of("a")) == 1 &&
			qun_span_cmp((struct qun_span){NULL, 0}, qun_span_of("")) == 0,
		"spans are ordered by unsigned bytes, the shorter first");
	ok &= qun_buf_add(&b, "12345", 5) == 0 && qun_buf_add_char(&b, '6') == QUN_ELIMIT;
	ok &= buf_is(&b, "12345");
	ok &= qun_buf_printf(&big, "%s", text) == 0 && big.len == 399;
	report(ok, "buffers hold their maximum and no more");
	qun_buf_release(&b);
	qun_buf_release(&big);
}

static void test_arena(void)
{
	struct qun_arena a = {0};
	char *copy[300];
	bool ok = true;

	for (int i = 0; i < 300; i++) {
		char text[32];
		uintptr_t at = (uintptr_t)qun_arena_alloc(&a, (size_t)i * 7);

		snprintf(text, sizeof(text), "text %d", i);
		copy[i] = qun_arena_copy(&a, qun_span_of(text));
		ok &= at % 16 == 0;
	}
	for (int i = 0; i < 300; i++)
		ok &= atoi(copy[i] + 5) == i;
	ok &= !qun_arena_alloc(&a, SIZE_MAX);
	qun_arena_release(&a);
	report(ok, "arenas align what they hand out and keep what they copy");
}

static void test_varints(void)
{
	struct qun_buf b = {0};
	bool same = true;

	for (int i = 0; i < 20000; i++) {
		int64_t x = draw_wide(), y = 0;
		__int128 w = (__int128)draw_wide() * draw_wide(), v = 0;
		uint64_t u = 0;
		struct qun_span s = {NULL, 0};
		struct qun_reader in;

		qun_buf_clear(&b);
		qun_save_i64(&b, x);
		qun_save_u64(&b, (uint64_t)x);
		qun_save_i128(&b, w);
		qun_save_span(&b, qun_span_of("text"));
		in = qun_reader_of(qun_buf_span(&b));
		same &= qun_load_i64(&in, &y) == 0 && qun_load_u64(&in, &u) == 0 &&
			qun_load_i128(&in, &v) == 0 && qun_load_span(&in, &s) == 0 &&
			qun_reader_done(&in) && y == x && u == (uint64_t)x && v == w &&
			qun_span_is(s, "text");
		in = qun_reader_of((struct qun_span){b.ptr, b.len - 1});
		same &= qun_load_i64(&in, &y) == 0 && qun_load_u64(&in, &u) == 0 &&
			qun_load_i128(&in, &v) == 0 && qun_load_span(&in, &s) == QUN_ESTATE;
	}
	qun_buf_release(&b);
	report(same, "varints and spans come back as they were saved");
}

static void test_refusals(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool ok;
	} cases[] = {
		{"\x00", 1, true},
		{"\x80\x00", 2, false},
		{"\x81\x80\x00", 3, false},
		{"\x80", 1, false},
		{"", 0, false},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, true},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, false},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00", 11, false},
	};
	struct qun_reader in;
	struct qun_span s;
	uint64_t u;
	size_t n;
	bool ok = true;

	for (size_t i = 0; i < COUNT(cases); i++) {
		in = qun_reader_of((struct qun_span){cases[i].bytes, cases[i].len});
		ok &= (qun_load_u64(&in, &u) == 0) == cases[i].ok;
		ok &= cases[i].ok ? qun_reader_done(&in) : in.ptr == cases[i].bytes;
	}
	report(ok, "the reader refuses varints that are longer than needed, too large or cut off");
	in = qun_reader_of((struct qun_span){"\x03"
					     "ab",
		3});
	ok = qun_load_count(&in, 1, &n) == QUN_ESTATE && qun_load_span(&in, &s) == QUN_ESTATE;
	ok &= qun_load_count(&in, 0, &n) == 0 && n == 3;
	in = qun_reader_of((struct qun_span){"\x02"
					     "ab",
		3});
	ok &= qun_load_count(&in, 2, &n) == QUN_ESTATE && qun_load_count(&in, 1, &n) == 0 && n == 2;
	report(ok, "counts and lengths beyond the input are refused");
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static void test_keys(void)
{
	struct qun_buf a = {0}, b = {0}, back = {0};
	bool ok = true;

	for (int i = 0; i < 20000; i++) {
		char x[4], y[4];
		struct qun_span sx = {x, draw(4)}, sy = {y, draw(4)};
		int64_t vx = draw_wide(), vy = draw(3) ? draw_wide() : vx, v;
		struct qun_reader in;
		int want;

		for (int j = 0; j < 4; j++) {
			x[j] = "\x00\x01\xff"[draw(3)];
			y[j] = "\x00\x01\xff"[draw(3)];
		}
		qun_buf_clear(&a);
		qun_buf_clear(&b);
		qun_key_text(&a, sx);
		qun_key_int(&a, vx);
		qun_key_text(&b, sy);
		qun_key_int(&b, vy);
		want = qun_span_cmp(sx, sy);
		want = want ? want : (vx > vy) - (vx < vy);
		ok &= sign(qun_span_cmp(qun_buf_span(&a), qun_buf_span(&b))) == want;
		in = qun_reader_of(qun_buf_span(&a));
		ok &= qun_unkey_text(&in, &back) == 0 && qun_span_eq(qun_buf_span(&back), sx) &&
		      qun_unkey_int(&in, &v) == 0 && v == vx && qun_reader_done(&in);
		in.ptr = in.end - 7;
		ok &= qun_unkey_int(&in, &v) == QUN_ESTATE;
	}
	qun_buf_release(&a);
	qun_buf_release(&b);
	qun_buf_release(&back);
	report(ok, "keys sort as what they hold and come back");
}

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

static void test_money(void)
{
	static const struct {
		const char *text;
		int rc;
		int64_t minor;
	} cases[] = {
		{"¥39.90", 1, 399000},
		{"3,897.00", 1, 38970000},
		{"39.90元", 1, 399000},
		{"=\"39.90\"", 1, 399000},
		{"'39.9", 1, 399000},
		{"1e3", QUN_EDATA, 0},
		{"0x10", QUN_EDATA, 0},
		{"+5", 1, 50000},
		{" ￥ 12 ", 1, 120000},
		{"-¥5", 1, -50000},
		{"$-5", 1, -50000},
		{"€.5", 1, 5000},
		{"", 0, 0},
		{"/", 0, 0},
		{"-", 0, 0},
		{"--", 0, 0},
		{"——", 0, 0},
		{"=\"\"", 0, 0},
		{" \t", 0, 0},
		{"1，234", 1, 12340000},
		{"12,34,567.89", 1, 12345678900},
		{"1,5", QUN_EDATA, 0},
		{"1234,567", QUN_EDATA, 0},
		{"1,2345", QUN_EDATA, 0},
		{"5元5", QUN_EDATA, 0},
		{"5 5", QUN_EDATA, 0},
		{"1 234.5", 1, 12345000},
		{".", QUN_EDATA, 0},
		{"元", QUN_EDATA, 0},
		{"5-", QUN_EDATA, 0},
		{"--5", QUN_EDATA, 0},
		{"1.2.3", QUN_EDATA, 0},
		{"0.00005", 1, 1},
		{"-0.00005", 1, -1},
		{"0.000049999", 1, 0},
		{"nan", QUN_EDATA, 0},
		{"00007", 1, 70000},
		{"922337203685477.5807", 1, INT64_MAX},
		{"-922337203685477.5808", 1, INT64_MIN},
		{"922337203685477.5808", QUN_EOVERFLOW, 0},
		{"922337203685477.58075", QUN_EOVERFLOW, 0},
		{"99999999999999999999999999999999", QUN_EOVERFLOW, 0},
	};
	struct qun_buf b = {0};
	bool ok = true;

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t minor = 0;
		int rc = qun_money_parse(qun_span_of(cases[i].text), &minor);

		if (rc != cases[i].rc || minor != cases[i].minor) {
			printf("# '%s': %d %" PRId64 "\n", cases[i].text, rc, minor);
			ok = false;
		}
	}
	report(ok, "money is read exactly or refused");
	ok = true;
	for (int i = 0; i < 20000; i++) {
		int64_t minor = draw_wide(), back;

		qun_buf_clear(&b);
		qun_money_format(&b, minor, 4);
		ok &= qun_money_parse(qun_buf_span(&b), &back) == 1 && back == minor;
	}
	qun_buf_clear(&b);
	qun_money_format(&b, 12350, 2);
	ok &= buf_is(&b, "1.24");
	qun_money_format(&b, -12350, 2);
	ok &= buf_is(&b, "-1.24");
	qun_money_format(&b, -49, 2);
	ok &= buf_is(&b, "0.00");
	qun_money_format(&b, 999950, 2);
	ok &= buf_is(&b, "100.00");
	report(ok, "money comes back as written and is rounded half away from zero");
	qun_buf_release(&b);
}

static void test_fractions(void)
{
	struct qun_buf b = {0};
	bool ok = true;

	for (int i = 0; i < 50000; i++) {
		__int128 num = draw(3) ? draw_wide() >> 8 : (int64_t)draw(200) - 100;
		__int128 den = draw(2) ? draw_wide() : (int64_t)draw(16) - 8;
		int digits = (int)draw(10);
		__int128 scale = 1, top, low, q;
		char text[128];

		if (den == 0)
			den = 1;
		for (int j = 0; j < digits; j++)
			scale *= 10;
		top = num < 0 ? -num : num;
		low = den < 0 ? -den : den;
		q = (2 * top * scale + low) / (2 * low);
		snprintf(text, sizeof(text), digits ? "%s%" PRId64 ".%0*" PRId64 : "%s%" PRId64,
			q && (num < 0) != (den < 0) ? "-" : "", (int64_t)(q / scale), digits,
			(int64_t)(q % scale));
		ok &= qun_fraction_format(&b, num, den, digits) == 0 && buf_is(&b, text);
		ok &= digits > 0 || qun_round_div(num, den) == ((num < 0) != (den < 0) ? -q : q);
	}
	report(ok, "fractions agree with brute force");
	ok = true;
	qun_fraction_format(&b, (((__int128)1 << 126) - 1) * 2 + 1, 1, 0);
	ok &= buf_is(&b, "170141183460469231731687303715884105727");
	qun_fraction_format(&b, ((__int128)1 << 126) - 1, (__int128)1 << 126, 6);
	ok &= buf_is(&b, "1.000000");
	qun_fraction_format(&b, 1, ((__int128)1 << 126) - 1 + ((__int128)1 << 126), 6);
	ok &= buf_is(&b, "0.000000");
	qun_int_format(&b, -1 - (((__int128)1 << 126) - 1 + ((__int128)1 << 126)));
	ok &= buf_is(&b, "-170141183460469231731687303715884105728");
	report(ok, "fractions use all 128 bits");
	qun_buf_release(&b);
}

static void test_reals(void)
{
	static const struct {
		double x;
		int digits;
		const char *text;
	} cases[] = {
		{0.5, 0, "1"},
		{-0.5, 0, "-1"},
		{2.5, 0, "3"},
		{0.125, 2, "0.13"},
		{-0.125, 2, "-0.13"},
		{0.285, 2, "0.28"},
		{1e-300, 6, "0.000000"},
		{-1e-9, 6, "0.000000"},
		{-0.0, 6, "0.000000"},
		{0.9999994, 6, "0.999999"},
		{1.0 / 3, 6, "0.333333"},
		{1e20, 2, "100000000000000000000.00"},
		{123456.7890625, 6, "123456.789063"},
		{5e-324, 6, "0.000000"},
		{9007199254740993.0, 0, "9007199254740992"},
	};
	struct qun_buf b = {0};
	double d;
	int64_t v;
	bool ok = true;

	for (size_t i = 0; i < COUNT(cases); i++)
		ok &= qun_real_format(&b, cases[i].x, cases[i].digits) == 0 &&
		      buf_is(&b, cases[i].text);
	ok &= qun_real_format(&b, 1.0 / 0.0, 6) == QUN_EDATA &&
	      qun_real_format(&b, 1e39, 0) == QUN_EOVERFLOW;
	for (int i = 0; i < 20000; i++) { /* ties apart, the C library rounds the same way */
		double x = (double)draw_wide() / (double)(1 + draw(1000000007));
		char text[400];

		snprintf(text, sizeof(text), "%.3f", x);
		if (x * 16 != (double)(int64_t)(x * 16) && strcmp(text, "-0.000") != 0)
			ok &= qun_real_format(&b, x, 3) == 0 && buf_is(&b, text);
	}
	report(ok, "reals are rounded half away from zero");
	ok = qun_real_parse(qun_span_of("-12.5"), &d) && d == -12.5 &&
	     qun_real_parse(qun_span_of(".5"), &d) && !qun_real_parse(qun_span_of("1e3"), &d) &&
	     !qun_real_parse(qun_span_of("."), &d) && !qun_real_parse(qun_span_of("1 "), &d) &&
	     !qun_real_parse(qun_span_of(""), &d) && !qun_real_parse(qun_span_of("nan"), &d) &&
	     !qun_real_parse(qun_span_of("--1"), &d);
	ok &= qun_int_parse(qun_span_of("-9223372036854775808"), &v) && v == INT64_MIN &&
	      !qun_int_parse(qun_span_of("9223372036854775808"), &v) &&
	      !qun_int_parse(qun_span_of("-"), &v) && qun_int_parse(qun_span_of("+7"), &v) &&
	      v == 7 && !qun_int_parse(qun_span_of("7x"), &v);
	report(ok, "numbers are read whole or not at all");
	qun_buf_release(&b);
}

/* Instant of a UTC text, for readable expectations. */
static int64_t at(const char *text)
{
	struct qun_zone *utc = NULL;
	int64_t ts = INT64_MIN;

	if (qun_zone_open(&utc, "UTC", NULL) == 0)
		qun_time_parse(qun_span_of(text), QUN_TIME_YMD, utc, &ts);
	qun_zone_close(utc);
	return ts;
}

static const char *const zones[] = {
	"Asia/Shanghai",
	"America/New_York",
	"Europe/London",
	"Australia/Lord_Howe",
	"America/Sao_Paulo",
	"UTC",
	"Asia/Kolkata",
	"Asia/Kathmandu",
	"Europe/Dublin",
	"Africa/Casablanca",
	"Pacific/Apia",
	"Pacific/Kwajalein",
	"America/St_Johns",
	"Asia/Tehran",
	"Asia/Gaza",
	"America/Nuuk",
	"Africa/Monrovia",
	"Antarctica/Troll",
	"America/Havana",
	"Pacific/Auckland",
	"Europe/Moscow",
	"Asia/Hong_Kong",
	"EST5EDT4,M3.2.0/-1:30,M11.1.0",
	"<+03>-3",
	"AAA3BBB,J60/2,J300/2",
	"AAA-3BBB,59/0,300",
};

static void use_zone(const char *name)
{
	setenv("TZ", name, 1);
	tzset();
}

/* The zone of the C library agrees at an instant. */
static bool same_offset(const struct qun_zone *z, int64_t ts)
{
	time_t t = (time_t)(ts / QUN_SECOND);
	struct tm tm;

	return localtime_r(&t, &tm) && tm.tm_gmtoff == qun_zone_offset(z, ts, NULL, NULL);
}

static void test_offsets(void)
{
	for (size_t i = 0; i < COUNT(zones); i++) {
		struct qun_zone *z = NULL;
		char what[128];
		int64_t from, to, bad = 0;
		size_t changes = 0;

		use_zone(zones[i]);
		if (qun_zone_open(&z, NULL, NULL) < 0 || strcmp(qun_zone_name(z), zones[i]) != 0) {
			report(false, zones[i]);
			qun_zone_close(z);
			continue;
		}
		for (int j = 0; j < 4000; j++)
			bad += !same_offset(z, (int64_t)draw((uint64_t)QUN_TIME_MAX));
		for (int64_t ts = QUN_TIME_MIN; ts <= QUN_TIME_MAX; ts = to, changes++) {
			int32_t offset = qun_zone_offset(z, ts, &from, &to);

			bad += from > ts || to <= ts || !same_offset(z, ts);
			if (to > QUN_TIME_MAX)
				break;
			bad += !same_offset(z, to - 1) || !same_offset(z, to) ||
			       qun_zone_offset(z, to, NULL, NULL) == offset;
		}
		snprintf(what, sizeof(what), "%s agrees with the C library, %zu changes", zones[i],
			changes);
		report(bad == 0, what);
		qun_zone_close(z);
	}
	use_zone("UTC");
}

/* Blocks of instants around changes of the offset, by day and by period. */
static void test_blocks(void)
{
	static const char *const words[] = {"day", "week", "month", "quarter", "year", "11d", "all"};
	struct qun_period p;
	int64_t bad = 0;

	for (size_t i = 0; i < COUNT(zones); i++) {
		struct qun_cal c = {.week_start = i % 2 ? 1 : 7, .day_start = (int64_t)(i % 3) * 5 * 3600 * QUN_SECOND};
		struct qun_zone *z = NULL;

		bad += qun_zone_open(&z, zones[i], NULL) < 0;
		c.zone = z;
		for (int j = 0; j < 4000 && z; j++) {
			int64_t ts = (int64_t)draw((uint64_t)QUN_TIME_MAX), from, to, other;
			bool by_day = qun_period_parse(&p, words[j % COUNT(words)], true, NULL) == 0 && draw(2);
			struct qun_block b;

			qun_zone_offset(z, ts, &from, &to);
			if (draw(2) && to < QUN_TIME_MAX)
				ts = to - 1 + (int64_t)draw(2);
			p.horizon = (int64_t)draw(20000);
			b = qun_block_of(&c, by_day ? NULL : &p, ts);
			bad += !qun_block_holds(&b, ts);
			from = b.from < QUN_TIME_MIN ? QUN_TIME_MIN : b.from;
			to = b.to > QUN_TIME_MAX ? QUN_TIME_MAX : b.to;
			for (int k = 0; k < 5; k++) {
				other = k == 0 ? from : k == 1 ? to - 1 : from + (int64_t)draw((uint64_t)(to - from));
				bad += (by_day ? qun_cal_day(&c, other) : qun_period_of(&c, &p, other)) != b.number;
			}
		}
		qun_zone_close(z);
	}
	report(bad == 0, "a block of instants has one day or period");
}

static void test_facts(void)
{
	static const struct {
		const char *zone, *last, *next; /* the instants around a change, from zdump -v */
		int32_t before_s, after_s;
	} facts[] = {
		{"Asia/Shanghai", "1986-05-03 17:59:59", "1986-05-03 18:00:00", 28800, 32400},
		{"Asia/Shanghai", "1991-09-14 16:59:59", "1991-09-14 17:00:00", 32400, 28800},
		{"America/New_York", "2018-11-04 05:59:59", "2018-11-04 06:00:00", -14400, -18000},
		{"Europe/London", "2018-03-25 00:59:59", "2018-03-25 01:00:00", 0, 3600},
		{"Australia/Lord_Howe", "2018-03-31 14:59:59", "2018-03-31 15:00:00", 39600, 37800},
		{"America/Sao_Paulo", "2018-11-04 02:59:59", "2018-11-04 03:00:00", -10800, -7200},
	};
	struct qun_zone *z = NULL;
	int64_t from = 0, to = 0;
	bool ok = true;

	for (size_t i = 0; i < COUNT(facts); i++) {
		z = NULL;
		ok &= qun_zone_open(&z, facts[i].zone, NULL) == 0 &&
		      qun_zone_offset(z, at(facts[i].last), NULL, NULL) == facts[i].before_s &&
		      qun_zone_offset(z, at(facts[i].next), NULL, NULL) == facts[i].after_s;
		qun_zone_close(z);
	}
	/* The C library errs by hours on the turn of the year here; RFC 8536 says all the year is
	 * summer. */
	ok &= qun_zone_open(&z, "XYZ3ZYX4,0/0,J365/23", NULL) == 0 &&
	      qun_zone_offset(z, at("2024-01-01 01:00"), &from, &to) == -14400 && from < 0 &&
	      to > QUN_TIME_MAX;
	qun_zone_close(z);
	report(ok, "known changes of offset fall on their second");
}

/* By definition: the first instant that shows the local time, else that of the offset before. */
static int64_t instant_brute(const struct qun_zone *z, int64_t local)
{
	int64_t best = INT64_MAX, before = INT64_MIN;
	int64_t ts, step = 900 * QUN_SECOND;

	for (ts = local - 27 * 4 * step; ts <= local + 27 * 4 * step; ts += step) {
		int64_t offset = qun_zone_offset(z, ts, NULL, NULL) * QUN_SECOND;

		if (qun_zone_offset(z, local - offset, NULL, NULL) * QUN_SECOND == offset &&
			local - offset < best)
			best = local - offset;
		if (ts + offset <= local)
			before = offset;
	}
	return best < INT64_MAX ? best : local - before;
}

static void test_instants(void)
{
	bool ok = true;

	for (size_t i = 0; i < COUNT(zones); i++) {
		struct qun_zone *z = NULL;
		int64_t ts, to = 0;

		if (qun_zone_open(&z, zones[i], NULL) < 0) {
			ok = false;
			continue;
		}
		for (int j = 0; j < 60; j++) {
			int64_t local = (int64_t)draw((uint64_t)QUN_TIME_MAX / 3);

			qun_zone_offset(z, local, NULL, &to);
			if (to < QUN_TIME_MAX) /* near a change, to the second and beyond */
				local = to + qun_zone_offset(z, to, NULL, NULL) * QUN_SECOND +
					((int64_t)draw(10800) - 7200) * QUN_SECOND -
					(int64_t)draw(2);
			ts = qun_zone_instant(z, local);
			if (ts != instant_brute(z, local)) {
				printf("# %s %" PRId64 "\n", zones[i], local);
				ok = false;
			}
		}
		qun_zone_close(z);
	}
	report(ok, "local times become instants: gaps forward, folds first");
}

static bool starts(const char *zone, int64_t day, int64_t day_start, const char *utc)
{
	struct qun_cal c = {.week_start = 1, .day_start = day_start};
	struct qun_zone *z = NULL;
	bool ok = qun_zone_open(&z, zone, NULL) == 0;

	c.zone = z;
	ok = ok && qun_cal_day_start(&c, day) == at(utc) && qun_cal_day(&c, at(utc)) == day;
	qun_zone_close(z);
	return ok;
}

static void test_days(void)
{
	struct qun_zone *z = NULL;
	struct qun_cal c = {.week_start = 1};
	bool ok = true;
	int y, m, d;

	for (int64_t day = -800000; day < 200000; day++) {
		qun_civil(day, &y, &m, &d);
		ok &= qun_day_of(y, m, d) == day;
	}
	qun_civil(0, &y, &m, &d);
	ok &= y == 1970 && m == 1 && d == 1 && qun_weekday(0) == 3 && qun_weekday(-4) == 6;
	qun_civil(qun_day_of(2000, 2, 29) + 1, &y, &m, &d);
	ok &= y == 2000 && m == 3 && d == 1 &&
	      qun_day_of(1900, 3, 1) - qun_day_of(1900, 2, 28) == 1;
	report(ok, "civil dates and day numbers are one to one");
	ok = starts("Asia/Shanghai", qun_day_of(2024, 4, 9), 0, "2024-04-08 16:00:00");
	ok &= starts("Asia/Shanghai", qun_day_of(2024, 4, 9), 4 * 3600 * QUN_SECOND,
		"2024-04-08 20:00:00");
	ok &= starts("America/Sao_Paulo", qun_day_of(2018, 11, 4), 0,
		"2018-11-04 03:00:00"); /* no midnight */
	ok &= starts("America/Havana", qun_day_of(2018, 11, 4), 0,
		"2018-11-04 04:00:00"); /* two midnights */
	report(ok, "days begin at midnight, or where midnight would have been");
	ok = qun_zone_open(&z, "Pacific/Apia", NULL) == 0;
	c.zone = z;
	ok &= qun_cal_day_start(&c, qun_day_of(2011, 12, 30)) ==
	      qun_cal_day_start(&c, qun_day_of(2011, 12, 31));
	ok &= qun_cal_day(&c, INT64_MIN) < -100000000 && qun_cal_day(&c, INT64_MAX) > 100000000;
	ok &= qun_cal_day_start(&c, INT64_MIN) == INT64_MIN &&
	      qun_cal_day_start(&c, INT64_MAX) == INT64_MAX;
	report(ok, "a skipped day is empty, and ever and never do not overflow");
	qun_zone_close(z);
}

/* A clock that goes back over the beginning of a day, or skips it, tells each instant one day. */
static void test_begun_days(void)
{
	static const struct {
		const char *zone, *around;
		int64_t day_start_minutes;
	} cases[] = {
		{"America/St_Johns", "2006-10-29", 0}, /* 00:01 becomes 23:01 */
		{"America/New_York", "2026-11-01", 90},
		{"America/New_York", "2026-03-08", 150},
		{"America/Havana", "2026-11-01", 30},
		{"America/Havana", "2026-03-08", 0},
		{"Pacific/Apia", "2011-12-30", 720},
	};
	bool ok = true;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct qun_zone *z = NULL;
		struct qun_cal c = {.week_start = 1, .day_start = cases[i].day_start_minutes * 60 * QUN_SECOND};
		int64_t from = at(cases[i].around) - 2 * QUN_DAY, last = 0;

		ok &= qun_zone_open(&z, cases[i].zone, NULL) == 0;
		c.zone = z;
		for (int minute = 0; ok && minute < 4 * 1440; minute++) {
			int64_t ts = from + minute * 60 * QUN_SECOND, day = qun_cal_day(&c, ts);

			ok &= qun_cal_day_start(&c, day) <= ts && ts < qun_cal_day_start(&c, day + 1);
			ok &= !minute || day >= last;
			last = day;
		}
		qun_zone_close(z);
	}
	report(ok, "days follow their beginnings where clocks change over them");
}

static void test_periods(void)
{
	static const struct {
		const char *period, *day, *first, *last;
	} cases[] = {
		{"week", "2021-01-01", "2020-12-28", "2021-01-03"}, /* ISO week 53 */
		{"week", "2024-04-14", "2024-04-08", "2024-04-14"},
		{"week", "1970-01-01", "1969-12-29", "1970-01-04"},
		{"month", "2024-02-29", "2024-02-01", "2024-02-29"},
		{"month", "2023-12-31", "2023-12-01", "2023-12-31"},
		{"quarter", "2024-05-31", "2024-04-01", "2024-06-30"},
		{"quarter", "2023-12-31", "2023-10-01", "2023-12-31"},
		{"year", "2100-12-31", "2100-01-01", "2100-12-31"},
		{"day", "2024-04-09", "2024-04-09", "2024-04-09"},
		{"10d", "2024-04-19", "2024-04-19", "2024-04-28"},
		{"10d", "2024-04-08", "2024-03-30", "2024-04-08"},
		{"sunday", "2024-04-14", "2024-04-14", "2024-04-20"},
	};
	struct qun_zone *z = NULL;
	struct qun_cal c = {.week_start = 1};
	struct qun_period p;
	struct qun_buf b = {0};
	bool ok = qun_zone_open(&z, "Asia/Shanghai", NULL) == 0;

	c.zone = z;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool sunday = strcmp(cases[i].period, "sunday") == 0;
		int64_t index, day = at(cases[i].day) / QUN_DAY;

		c.week_start = sunday ? 7 : 1;
		ok &= qun_period_parse(&p, sunday ? "week" : cases[i].period, false, NULL) == 0;
		p.horizon = qun_day_of(2024, 4, 9);
		index = qun_period_of_day(&c, &p, day);
		ok &= qun_period_of(&c, &p, qun_cal_day_start(&c, day)) == index;
		qun_day_format(&b, qun_period_first_day(&c, &p, index));
		ok &= buf_is(&b, cases[i].first);
		qun_day_format(&b, qun_cal_day(&c, qun_period_end(&c, &p, index)));
		ok &= buf_is(&b, cases[i].last);
		ok &= qun_period_end(&c, &p, index) + 1 == qun_period_start(&c, &p, index + 1);
	}
	report(ok, "periods hold their days");
	ok = qun_period_parse(&p, "all", true, NULL) == 0 &&
	     qun_period_of(&c, &p, INT64_MAX) == 0 && qun_period_start(&c, &p, 0) == INT64_MIN &&
	     qun_period_end(&c, &p, 0) == INT64_MAX;
	ok &= qun_period_parse(&p, "all", false, NULL) == QUN_EUSAGE &&
	      qun_period_parse(&p, "0d", true, NULL) < 0 &&
	      qun_period_parse(&p, "weekly", true, NULL) < 0;
	for (size_t i = 0; i < 6; i++) {
		static const char *const words[] = {
			"day", "week", "month", "quarter", "year", "7d"};

		qun_period_parse(&p, words[i], true, NULL);
		qun_period_of_day(&c, &p, INT64_MIN);
		qun_period_end(&c, &p, INT64_MAX);
		qun_period_start(&c, &p, INT64_MIN);
	}
	report(ok, "all time is one period, and words are checked");
	qun_zone_close(z);
	qun_buf_release(&b);
}

enum {
	S = 1 << QUN_TIME_EPOCH_S,
	MS = 1 << QUN_TIME_EPOCH_MS,
	US = 1 << QUN_TIME_EPOCH_US,
	YMD = 1 << QUN_TIME_YMD,
	DMY = 1 << QUN_TIME_DMY,
	MDY = 1 << QUN_TIME_MDY
};

static const struct {
	const char *text;
	unsigned guess;
	const char *utc; /* its instant under the last style guessed, in a zone of +08:00 */
} times[] = {
	{"2024-04-09 11:54:00", YMD, "2024-04-09T03:54:00Z"},
	{"2024-04-09T11:54", YMD, "2024-04-09T03:54:00Z"},
	{"2024-04-09T11:54:00Z", YMD, "2024-04-09T11:54:00Z"},
	{"2024-04-09T11:54:00.5+0200", YMD, "2024-04-09T09:54:00.5Z"},
	{"2024-04-09 11:54:00 +0200", YMD, "2024-04-09T09:54:00Z"},
	{"2024-04-09 11:54:00 UTC", YMD, "2024-04-09T11:54:00Z"},
	{"2024-04-09T11:54:00-05", YMD, "2024-04-09T16:54:00Z"},
	{"2026-03-02T09:00:01.1230009+08:00", YMD, "2026-03-02T01:00:01.123Z"},
	{"2024-04-09", YMD, "2024-04-08T16:00:00Z"},
	{"2024/4/9 1:05", YMD, "2024-04-08T17:05:00Z"},
	{"2024.4.9", YMD, "2024-04-08T16:00:00Z"},
	{"2024年4月9日 11:54", YMD, "2024-04-09T03:54:00Z"},
	{"2024年4月9日下午3:34", YMD, "2024-04-09T07:34:00Z"},
	{"2024年4月9日", YMD, "2024-04-08T16:00:00Z"},
	{"2024/4/9 上午12:30", YMD, "2024-04-08T16:30:00Z"},
	{"20240409", YMD | S | MS | US, "2024-04-08T16:00:00Z"},
	{"20240409T115400", YMD, "2024-04-09T03:54:00Z"},
	{"20240409115400", YMD | US, "2024-04-09T03:54:00Z"},
	{"20241309", S | MS | US, "1970-01-01T00:00:20.241309Z"},
	{"4/9/2024 11:54 AM", DMY | MDY, "2024-04-09T03:54:00Z"},
	{"25/12/2020, 3:34:09 p. m.", DMY, "2020-12-25T07:34:09Z"},
	{"12/25/69 12:00 am", MDY, "2069-12-24T16:00:00Z"},
	{"09.04.70", DMY | MDY, "1970-09-03T16:00:00Z"},
	{"\u200e14/10/2021, 3:34:09\u202fPM", DMY, "2021-10-14T07:34:09Z"},
	{"14-10-2021 03:34:09", DMY, "2021-10-13T19:34:09Z"},
	{"1772413201", S | MS | US, "1970-01-01T00:29:32.413201Z"},
	{"1772413201.000200", S, "2026-03-02T01:00:01.0002Z"},
	{"1772413201000", MS | US, "1970-01-21T12:20:13.201Z"},
	{"1772413201000200", US, "2026-03-02T01:00:01.0002Z"},
	{"2024-04-31", 0, NULL},
	{"2023-02-29", 0, NULL},
	{"2024-04-09 24:00:00", 0, NULL},
	{"2024-04-09 23:59:60", 0, NULL},
	{"2024-04-09 11:60", 0, NULL},
	{"2024-04-09 13:00 PM", 0, NULL},
	{"2024-04-09x", 0, NULL},
	{"2024-04/09", 0, NULL},
	{"2024-04-0911:54", 0, NULL},
	{"2024-04-09 11:54:00.", 0, NULL},
	{"2024-04-09 11:54:00.1234567890", 0, NULL},
	{"2024-04-09 11", 0, NULL},
	{"2024-04-09 11:54 +25:00", 0, NULL},
	{"2024-04-09,", 0, NULL},
	{"2024-04-09T", 0, NULL},
	{"4/9/024", 0, NULL},
	{"13/13/2024", 0, NULL},
	{"", 0, NULL},
	{" ", 0, NULL},
	{"-5", 0, NULL},
	{"abc", 0, NULL},
	{"1969-12-30", 0, NULL},
	{"2201-02-01", 0, NULL},
	{"99999999999999999999", 0, NULL},
	{"1e9", 0, NULL},
	{"2024-04-09\x01", 0, NULL},
	{"2024\x01"
	 "4\x02"
	 "9\x03",
		0, NULL},
};

static void test_times(void)
{
	struct qun_zone *z = NULL;
	bool ok = qun_zone_open(&z, "Asia/Shanghai", NULL) == 0;
	int64_t ts;

	for (size_t i = 0; i < COUNT(times); i++) {
		struct qun_span s = qun_span_of(times[i].text);
		unsigned guess = qun_time_guess(s);
		int style, last = 0;
		bool same = guess == times[i].guess;

		for (style = QUN_TIME_EPOCH_S; style <= QUN_TIME_MDY; style++) {
			bool can = qun_time_parse(s, (enum qun_time_style)style, z, &ts) == 0;

			same &= can == (guess >> style & 1);
			last = can ? style : last;
		}
		if (last)
			qun_time_parse(s, (enum qun_time_style)last, z, &ts);
		if (!same || (last && ts != at(times[i].utc))) {
			printf("# '%s': guess %x, %" PRId64 "\n", times[i].text, guess,
				last ? ts : -1);
			ok = false;
		}
	}
	report(ok, "every style of time is known, and nothing else");
	ok = qun_time_parse(qun_span_of("2024-04-09"), QUN_TIME_AUTO, z, &ts) == QUN_EDATA;
	ok &= qun_time_parse(qun_span_of("1970-01-01 07:59:59"), QUN_TIME_YMD, z, &ts) == QUN_EDATA;
	ok &= qun_time_parse(qun_span_of("1970-01-01 08:00:00"), QUN_TIME_YMD, z, &ts) == 0 &&
	      ts == 0;
	ok &= qun_time_parse(qun_span_of("2201-01-01 07:59:59.999999"), QUN_TIME_YMD, z, &ts) ==
		      0 &&
	      ts == QUN_TIME_MAX;
	ok &= qun_time_parse(qun_span_of("2201-01-01 08:00"), QUN_TIME_YMD, z, &ts) == QUN_EDATA;
	report(ok, "times outside 1970 to 2200 are refused");
	qun_zone_close(z);
}

/* The day kept from the time before changes nothing: all forms, near changes of the offset, days apart. */
static void test_next_times(void)
{
	static const char *const apart[] = {" ", "T", "  ", "", " 2", "x"};
	static const char *const tail[] = {"", "+08:00", "Z", ".250", " ", ":60", "+8", " UTC", ".25Z", "-08:00"};
	bool ok = true;

	for (size_t i = 0; i < COUNT(zones); i++) {
		struct qun_time_memo memo = {0};
		struct qun_zone *z = NULL;
		int64_t day = 0;

		ok &= qun_zone_open(&z, zones[i], NULL) == 0;
		for (int j = 0; j < 20000; j++) {
			struct qun_buf b = {0};
			char text[64];
			int64_t got = 7, expected = 7;
			int rc;

			if (draw(8) == 0)
				day = (int64_t)draw((uint64_t)QUN_TIME_MAX / QUN_DAY) * QUN_DAY;
			qun_time_format(&b, z, day + (int64_t)draw(2 * 86400) * QUN_SECOND);
			snprintf(text, sizeof(text), "%.10s%s%.*s%s", b.ptr, apart[draw(4) ? 0 : draw(COUNT(apart))],
				draw(8) ? 8 : 5, b.ptr + 11, tail[draw(4) ? 0 : draw(COUNT(tail))]);
			rc = qun_time_parse(qun_span_of(text), QUN_TIME_YMD, z, &expected);
			ok &= qun_time_parse_next(&memo, qun_span_of(text), QUN_TIME_YMD, z, &got) == rc && got == expected;
			qun_buf_release(&b);
		}
		qun_zone_close(z);
	}
	report(ok, "a time of the same day as the one before is the same time");
}

static void test_formats(void)
{
	struct qun_zone *z = NULL;
	struct qun_buf b = {0};
	bool ok = true;

	for (size_t i = 0; i < COUNT(zones); i++) {
		ok &= qun_zone_open(&z, zones[i], NULL) == 0;
		for (int j = 0; j < 200; j++) {
			int64_t back, ts = (int64_t)draw((uint64_t)QUN_TIME_MAX);

			ts -= draw(2) ? ts % QUN_SECOND : 0;
			qun_buf_clear(&b);
			ok &= qun_time_format(&b, z, ts) == 0 &&
			      qun_time_parse(qun_buf_span(&b), QUN_TIME_YMD, z, &back) == 0 &&
			      back == ts;
		}
		qun_zone_close(z);
		z = NULL;
	}
	qun_buf_clear(&b);
	ok &= qun_zone_open(&z, "America/St_Johns", NULL) == 0 &&
	      qun_time_format(&b, z, at("2024-01-01T00:00:00.25Z")) == 0;
	ok &= buf_is(&b, "2023-12-31T20:30:00.25-03:30");
	qun_zone_close(z);
	qun_buf_release(&b);
	report(ok, "times are written so that they read back");
}

static void test_moments(void)
{
	static const struct {
		const char *text;
		bool end;
		const char *utc;
	} cases[] = {
		{"now", true, "2024-04-09T12:00:00Z"},
		{"today", false, "2024-04-08T20:00:00Z"},
		{"yesterday", true, "2024-04-08T19:59:59.999999Z"},
		{"-28d", false, "2024-03-12T12:00:00Z"},
		{"-90s", true, "2024-04-09T11:58:30Z"},
		{"2024-04-09", false, "2024-04-08T20:00:00Z"},
		{"2024-04-09", true, "2024-04-09T19:59:59.999999Z"},
		{"2024-04-09 10:00", true, "2024-04-09T02:00:00Z"},
		{"1712664000", true, "2024-04-09T12:00:00Z"},
		{"20240409", false, "2024-04-08T20:00:00Z"},
	};
	static const char *const bad[] = {
		"", "tomorrow", "-", "-5", "-28x", "28d", "9/4/2024", "1969-01-01", "-999999d"};
	struct qun_cal c = {.week_start = 1, .day_start = 4 * 3600 * QUN_SECOND};
	struct qun_zone *z = NULL;
	struct qun_err err = {0};
	int64_t ts;
	bool ok = qun_zone_open(&z, "Asia/Shanghai", NULL) == 0;

	c.zone = z;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (qun_moment_parse(qun_span_of(cases[i].text), &c, at("2024-04-09 12:00"),
			    cases[i].end, &ts, &err) < 0 ||
			ts != at(cases[i].utc)) {
			printf("# '%s'\n", cases[i].text);
			ok = false;
		}
	for (size_t i = 0; i < COUNT(bad); i++) {
		int rc = qun_moment_parse(
			qun_span_of(bad[i]), &c, at("2024-04-09 12:00"), false, &ts, &err);

		ok &= rc == QUN_EUSAGE && err.code == rc && err.msg[0];
	}
	report(ok, "moments of a user, with days that begin at four");
	ok = qun_duration_parse(&ts, "2w", NULL) == 0 && ts == 14 * QUN_DAY &&
	     qun_duration_parse(&ts, "90s", NULL) == 0 && ts == 90 * QUN_SECOND &&
	     qun_duration_parse(&ts, "7", &err) < 0 && qun_duration_parse(&ts, "-7d", &err) < 0 &&
	     qun_duration_parse(&ts, "", &err) < 0 &&
	     qun_duration_parse(&ts, "999999999999w", &err) == QUN_EUSAGE;
	report(ok, "durations");
	qun_zone_close(z);
}

static void test_zone_names(void)
{
	static const char *const bad[] = {"", "/etc/passwd", "../zoneinfo/UTC", "Asia",
		"Asia/Nowhere", "Asia/Shanghai/", "zone.tab", "EST5EDT,M13.1.0,M11.1.0", "AB3",
		"right/UTC"};
	struct qun_zone *z = NULL;
	struct qun_err err = {0};
	bool ok = true;

	for (size_t i = 0; i < COUNT(bad); i++)
		if (qun_zone_open(&z, bad[i], &err) >= 0 || !err.msg[0]) {
			printf("# '%s' was opened\n", bad[i]);
			ok = false;
		}
	ok &= qun_zone_open(&z, "shanghai", &err) == QUN_EUSAGE && strstr(err.msg, "Asia/Shanghai");
	use_zone(":Europe/London");
	ok &= qun_zone_open(&z, NULL, NULL) == 0 && strcmp(qun_zone_name(z), "Europe/London") == 0;
	qun_zone_close(z);
	unsetenv("TZ");
	ok &= qun_zone_open(&z, NULL, NULL) == 0;
	qun_zone_close(z);
	use_zone("UTC");
	report(ok, "unknown zones are refused with a near one");
}

static void test_utf8(void)
{
	static const struct {
		const char *text;
		size_t width;
		const char *shown; /* NULL: as it is */
	} cases[] = {
		{"群", 2, NULL},
		{"👨\u200d👩\u200d👧", 2, NULL},
		{"🇨🇳", 2, NULL},
		{"e\u0301", 1, NULL},
		{"abc", 3, NULL},
		{"", 0, NULL},
		{"🇨🇳🇨🇳", 4, NULL},
		{"❤\ufe0f", 2, NULL},
		{"❤", 1, NULL},
		{"1\ufe0f\u20e3", 2, NULL},
		{"👍🏽", 2, NULL},
		{"👩🏽\u200d🚀x", 3, NULL},
		{"❤\ufe0f\u200d🔥", 2, NULL},
		{"한글", 4, NULL},
		{"｡ﾟ", 2, NULL},
		{"日e\u0301本", 5, NULL},
		{"a\x1b[31m", 5, "a\\x1b[31m"},
		{"\u202e"
		 "abc",
			3, "\\u{202e}abc"},
		{"a\xff"
		 "b",
			3, "a\\xffb"},
		{"a\u200b\u200d"
		 "b",
			2, "a\\u{200b}\\u{200d}b"},
		{"\xc2\x9b", 0, "\\u{9b}"},
		{"a\ufe0f", 1, "a\\u{fe0f}"},
		{"❤\ufe0f\ufe0f", 2, "❤\ufe0f\\u{fe0f}"},
		{"\xe7\xbe", 2, "\\xe7\\xbe"},
		{"a\u2028"
		 "b",
			2, "a\\u{2028}b"},
	};
	static const char *const invalid[] = {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80",
		"\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe7\xbe", "\xff"};
	struct qun_buf b = {0};
	bool ok = true;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct qun_span s = qun_span_of(cases[i].text);
		size_t width = qun_utf8_width(s);

		if (width != cases[i].width)
			printf("# '%s' takes %zu columns\n", cases[i].text, width);
		ok &= width == cases[i].width;
		ok &= qun_utf8_show(&b, s) == 0 &&
		      buf_is(&b, cases[i].shown ? cases[i].shown : cases[i].text);
	}
	report(ok, "widths of signs, and what is shown of hostile ones");
	ok = true;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		size_t at_byte = 0;
		bool surrogate = cp >= 0xd800 && cp <= 0xdfff;

		qun_buf_clear(&b);
		ok &= (qun_utf8_put(&b, cp) == 0) != surrogate;
		if (!surrogate)
			ok &= qun_utf8_valid(qun_buf_span(&b)) == b.len &&
			      qun_utf8_next(qun_buf_span(&b), &at_byte) == (int32_t)cp &&
			      at_byte == b.len &&
			      qun_utf8_valid((struct qun_span){b.ptr, b.len - 1}) == 0;
	}
	for (size_t i = 0; i < COUNT(invalid); i++) {
		qun_buf_clear(&b);
		qun_buf_add_text(&b, "12345678群");
		qun_buf_add_text(&b, invalid[i]);
		ok &= qun_utf8_valid(qun_buf_span(&b)) == 11;
	}
	report(ok && qun_utf8_put(&b, 0x110000) == QUN_EDATA,
		"every code point is valid, everything else is not");
	qun_buf_release(&b);
}

int main(void)
{
	use_zone("UTC");
	test_spans();
	test_arena();
	test_varints();
	test_refusals();
	test_keys();
	test_short();
	test_dict();
	test_vec();
	test_bits();
	test_slots();
	test_tape();
	test_money();
	test_fractions();
	test_reals();
	test_offsets();
	test_blocks();
	test_facts();
	test_instants();
	test_days();
	test_begun_days();
	test_periods();
	test_times();
	test_next_times();
	test_formats();
	test_moments();
	test_zone_names();
	test_utf8();
	printf("1..%d\n", tests);
	return failures > 0;
}
