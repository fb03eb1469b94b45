/* Literals are looked for from left to right; what lies between them are the people. */
#include "text/sentence.h"

#include <string.h>

/* Where the literal lies in s at or after from, at the very end if it is the pattern's last; -1: nowhere. */
static ptrdiff_t place_of(struct qun_span s, size_t from, const char *literal, size_t len, bool last)
{
	if (last && s.len >= from + len)
		return memcmp(s.ptr + s.len - len, literal, len) == 0 ? (ptrdiff_t)(s.len - len) : -1;
	for (; !last && from + len <= s.len; from++) {
		if (memcmp(s.ptr + from, literal, len) == 0)
			return (ptrdiff_t)from;
	}
	return -1;
}

static bool fits(const char *pattern, struct qun_span s, struct qun_span part[4])
{
	size_t at = 0;

	while (*pattern) {
		int number = (unsigned char)*pattern <= 3 ? *pattern++ : 0; /* UTF-8 is negative in a char */
		size_t len = strcspn(pattern, "\1\2\3");
		bool last = !pattern[len];
		ptrdiff_t found = number && last && !len ? (ptrdiff_t)s.len :
			number ? place_of(s, at + 1, pattern, len, last) :
			place_of(s, at, pattern, len, last);
		if (found < 0 || (number ? (size_t)found <= at : (size_t)found != at))
			return false;
		if (number)
			part[number] = (struct qun_span){s.ptr + at, (size_t)found - at};
		at = (size_t)found + len;
		pattern += len;
	}
	return at == s.len;
}

static struct qun_span without_stop(struct qun_span s)
{
	if (qun_span_ends(s, "."))
		s.len--;
	else if (qun_span_ends(s, "。"))
		s.len -= strlen("。");
	return s;
}

const struct qun_sentence *qun_sentence_of(const struct qun_sentence *list, struct qun_span text,
	struct qun_span *actor, struct qun_span *target)
{
	struct qun_span whole = qun_span_trim(text), bare = qun_span_trim(without_stop(whole));

	for (; list->pattern; list++) {
		struct qun_span part[4] = {{0}};
		size_t len = strlen(list->pattern);
		/* a name at the end may have a full stop of its own: Tom, Jr. */
		bool open = (unsigned char)list->pattern[len - 1] <= 3;
		if (!fits(list->pattern, whole, part) && (open || !fits(list->pattern, bare, part)))
			continue;
		*actor = qun_span_trim(part[1]);
		*target = qun_span_trim(part[2]);
		return list;
	}
	return NULL;
}
