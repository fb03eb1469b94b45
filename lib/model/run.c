/* The run's small questions: the moment of looking, which events count, which groups are wanted. */
#include "qun/run.h"

#include "qun/head.h"
#include "qun/utf8.h"

int64_t qun_as_of(const struct qun_ctx *ctx)
{
	if (!ctx->heads->started)
		return INT64_MIN;
	return ctx->run->as_of != QUN_NEVER ? ctx->run->as_of : ctx->heads->all.last;
}

int64_t qun_memo_day(const struct qun_ctx *ctx, int64_t ts)
{
	if (!ctx->memo)
		return qun_cal_day(&ctx->run->cal, ts);
	ctx->memo->day = qun_block_of(&ctx->run->cal, NULL, ts);
	return ctx->memo->day.number;
}

int64_t qun_memo_period(const struct qun_ctx *ctx, const struct qun_period *p, int64_t ts)
{
	if (!ctx->memo)
		return qun_period_of(&ctx->run->cal, p, ts);
	ctx->memo->period = qun_block_of(&ctx->run->cal, p, ts);
	return ctx->memo->period.number;
}

void qun_run_ask(struct qun_run *run, uint64_t fields)
{
	run->needs |= fields;
	run->asked |= fields;
}

bool qun_in_range(const struct qun_run *run, int64_t ts)
{
	return ts >= run->since && ts < run->until;
}

static int32_t glob_char(struct qun_span glob, size_t *at)
{
	if (glob.ptr[*at] == '\\' && *at + 1 < glob.len)
		++*at;
	return qun_utf8_next(glob, at);
}

/* The set that begins after '[' at *at: moves *at behind it and says whether c is in it. Returns -1
 * where the bracket is never closed; then it stands for itself. */
static int glob_set(struct qun_span glob, size_t *at, int32_t c)
{
	size_t i = *at;
	bool turned = i < glob.len && (glob.ptr[i] == '!' || glob.ptr[i] == '^');
	bool in = false;

	i += turned;
	for (bool first = true; i < glob.len && (first || glob.ptr[i] != ']'); first = false) {
		int32_t from = glob_char(glob, &i), to = from;

		if (i + 1 < glob.len && glob.ptr[i] == '-' && glob.ptr[i + 1] != ']') {
			i++;
			to = glob_char(glob, &i);
		}
		in |= c >= from && c <= to;
	}
	if (i >= glob.len)
		return -1;
	*at = i + 1;
	return in != turned;
}

/* Does one code point of the glob at *g, not a star, match c? Moves *g. */
static bool glob_one(struct qun_span glob, size_t *g, int32_t c)
{
	int in;

	if (glob.ptr[*g] == '?') {
		++*g;
		return true;
	}
	if (glob.ptr[*g] == '[') {
		++*g;
		in = glob_set(glob, g, c);
		return in >= 0 ? in : c == '[';
	}
	return glob_char(glob, g) == c;
}

/* Not fnmatch(3), which follows the locale: here ? and sets take one code point everywhere. Only
 * the last star is ever tried again, so the time is at most the product of the lengths. */
static bool glob_match(struct qun_span glob, struct qun_span s)
{
	size_t g = 0, at = 0, star = SIZE_MAX, retry = 0;

	while (at < s.len) {
		size_t next = at;

		if (g < glob.len && glob.ptr[g] == '*') {
			star = ++g;
			retry = at;
			continue;
		}
		if (g < glob.len && glob_one(glob, &g, qun_utf8_next(s, &next))) {
			at = next;
			continue;
		}
		if (star == SIZE_MAX)
			return false;
		qun_utf8_next(s, &retry);
		g = star;
		at = retry;
	}
	while (g < glob.len && glob.ptr[g] == '*')
		g++;
	return g == glob.len;
}

bool qun_group_wanted(const struct qun_run *run, struct qun_span group)
{
	return !run->group_glob || glob_match(qun_span_of(run->group_glob), group);
}
