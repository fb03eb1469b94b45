/* 2026-03-03-12: the twelfth order of that day's round. */
#include "text/restart.h"

int qun_restart_number(struct qun_hook *hook, struct qun_event *ev, struct qun_span round, struct qun_span number)
{
	struct qun_buf id = {0};
	int64_t local = ev->ts + qun_zone_offset(hook->zone, ev->ts, NULL, NULL) * QUN_SECOND;
	int64_t day = local / QUN_DAY - (local % QUN_DAY < 0);
	int rc;

	number = qun_span_trim(number);
	round = qun_span_trim(round);
	if (!number.len)
		return 0;
	rc = round.len ? qun_buf_add_span(&id, round) : qun_day_format(&id, day);
	if (rc == 0)
		rc = qun_buf_add_char(&id, '-');
	if (rc == 0)
		rc = qun_buf_add_span(&id, number);
	char *copy = rc == 0 ? qun_arena_copy(hook->scratch, qun_buf_span(&id)) : NULL;
	ev->field[QUN_F_ORDER_ID] = (struct qun_span){copy, copy ? id.len : 0};
	qun_buf_release(&id);
	return copy ? 0 : QUN_ENOMEM;
}
