/*
 * WeFlow's CSV for WeClone: PyWxDump's columns without the room, and talker is a display name, empty
 * on system rows. There are no ids.
 */
#include "text/wechat.h"

#include <string.h>

enum { TYPE, IS_SENDER, TALKER, TEXT };

static const struct qun_mapping map[] = {
	{"CreateTime", QUN_F_TS},
	{"talker", QUN_F_USER},
	{"talker", QUN_F_NAME},
	{"msg", QUN_F_TEXT},
	{"MsgSvrID", QUN_F_ID},
	{"type_name", QUN_MUST | (QUN_F_RAW + TYPE)},
	{"is_sender", QUN_F_RAW + IS_SENDER},
	{"talker", QUN_F_RAW + TALKER},
	{"msg", QUN_F_RAW + TEXT},
	{NULL, 0},
};

/* PyWxDump writes a blank between date and time. */
static bool is_iso(const struct qun_sample *s)
{
	int time = qun_sample_column(s, "CreateTime");

	for (size_t i = 0; i < s->nrecord; i++) {
		const struct qun_record *r = &s->record[i];
		if ((size_t)time < r->n && r->cell[time].s.len &&
			memchr(r->cell[time].s.ptr, 'T', r->cell[time].s.len))
			return true;
	}
	return false;
}

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"MsgSvrID", "type_name", "is_sender", "talker", "msg",
		"CreateTime", NULL};

	if (s->container != QUN_CSV || !qun_sample_has(s, header) || qun_sample_column(s, "room_name") >= 0)
		return 0;
	return is_iso(s) ? 80 : 65;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span talker = qun_span_trim(raw[TALKER].s);
	enum qun_wechat_row row = qun_wechat_row_named(raw[TYPE].s);

	/* 7.43E+18, as a spreadsheet saves it, is no id any more */
	if (qun_span_find(ev->field[QUN_F_ID], "E+", 0) >= 0)
		ev->field[QUN_F_ID] = (struct qun_span){0};
	if (row == QUN_WECHAT_SYSTEM)
		return qun_wechat_tell(hook, ev, raw[TEXT].s);
	int rc = qun_wechat_person(hook, talker, talker);
	if (rc == 0 && qun_span_is(qun_span_trim(raw[IS_SENDER].s), "1"))
		rc = qun_wechat_self(hook, talker);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
}

const struct qun_format qun_format_weflow_weclone = {
	.name = "weflow-weclone",
	.brief = "WeFlow CSV (for WeClone) of a WeChat chat",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "id,MsgSvrID,type_name,is_sender,talker,msg,src,CreateTime",
	.name_is_id = true,
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = qun_wechat_end,
	.release = qun_wechat_release,
};
