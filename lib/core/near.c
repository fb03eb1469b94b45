/* The nearest word to one mistyped: edit distance over code points. */
#include "qun/bytes.h"
#include "qun/utf8.h"

enum { MAX_WORD = 48, MAX_EDITS = 2 };

/* Code points of a word; 0 where there are none or too many for a word. */
static size_t decode(struct qun_span s, int32_t out[MAX_WORD])
{
	size_t at = 0, n = 0;

	while (at < s.len) {
		if (n == MAX_WORD)
			return 0;
		out[n++] = qun_utf8_next(s, &at);
	}
	return n;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Damerau-Levenshtein distance where no part is edited twice (optimal string alignment). */
static size_t edits(const int32_t *a, size_t n, const int32_t *b, size_t m)
{
	size_t row[3][MAX_WORD + 1] = {{0}};

	for (size_t j = 0; j <= m; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *now = row[i % 3], *before = row[(i + 2) % 3], *older = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = least(before[j], now[j - 1]) + 1;
			now[j] = least(now[j], before[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], older[j - 2] + 1);
		}
	}
	return row[n % 3][m];
}

const char *qun_nearest(struct qun_span text, const char *const *words, size_t n)
{
	int32_t given[MAX_WORD], word[MAX_WORD];
	size_t len = decode(text, given), best = MAX_EDITS + 1;
	const char *nearest = NULL;

	for (size_t i = 0; len && i < n; i++) {
		size_t m = decode(qun_span_of(words[i]), word);
		size_t d = m ? edits(given, len, word, m) : best;

		if (d < best && 2 * d < len) {
			best = d;
			nearest = words[i];
		}
	}
	return nearest;
}
