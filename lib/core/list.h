/* Lists as users write them: items between commas. */
#ifndef CORE_LIST_H
#define CORE_LIST_H

#include "qun/bytes.h"

/* Cuts the first item off rest, blanks around it left out; false when there is none left. An empty
 * list has one empty item, and so has the end of "a,". */
static inline bool qun_list_cut(struct qun_span *rest, struct qun_span *item)
{
	ptrdiff_t comma;

	if (!rest->ptr)
		return false;
	comma = qun_span_find(*rest, ",", 0);
	*item = *rest;
	*rest = (struct qun_span){NULL, 0};
	if (comma >= 0) {
		*rest = (struct qun_span){item->ptr + comma + 1, item->len - (size_t)comma - 1};
		item->len = (size_t)comma;
	}
	*item = qun_span_trim(*item);
	return true;
}

#endif
