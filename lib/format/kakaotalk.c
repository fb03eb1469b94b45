/*
 * KakaoTalk CSV. Who comes or goes is a row like any message; it is taken for one only where the
 * sentence is about the row's own person, for anybody can quote it.
 */
#include "text/kind.h"
#include "text/people.h"
#include "text/sentence.h"

enum { USER, TEXT };

static const struct qun_mapping map[] = {
	{"Date", QUN_F_TS},
	{"User", QUN_F_USER},
	{"User", QUN_F_NAME},
	{"Message", QUN_F_TEXT},
	{"User", QUN_F_RAW + USER},
	{"Message", QUN_F_RAW + TEXT},
	{NULL, 0},
};

static const struct qun_sentence sentences[] = {
	{"\1님이 \2님을 초대했습니다", QUN_JOIN, "invite"},
	{"\1님이 \2님을 내보냈습니다", QUN_LEAVE, "removed"},
	{"\2님을 내보냈습니다", QUN_LEAVE, "removed"},
	{"\2님이 들어왔습니다", QUN_JOIN, ""},
	{"\2님이 나갔습니다", QUN_LEAVE, ""},
	{"채팅방 이름을 변경했습니다", QUN_SYSTEM, ""},
	{"채팅방 이름이 \3 변경되었습니다", QUN_SYSTEM, ""},
	{"삭제된 메시지입니다", QUN_SYSTEM, ""},
	{NULL, 0, NULL},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"Date", "User", "Message", NULL};

	return s->container == QUN_CSV && s->nname == 3 && qun_sample_has(s, header) ? 85 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	struct qun_span user = qun_span_trim(hook->raw[USER].s), text = hook->raw[TEXT].s, actor, target;
	const struct qun_sentence *said = qun_sentence_of(sentences, text, &actor, &target);
	bool own = said && (!*said->source || said->type == QUN_SYSTEM);
	struct qun_span about = own ? target : actor;
	int rc = qun_people_see(hook, hook->memory, (struct qun_span){0}, user);

	if (rc < 0)
		return rc;
	if (!said || (said->type != QUN_SYSTEM && user.len && about.len && !qun_span_eq(about, user)))
		return hook->emit(hook, ev);
	if (said->type == QUN_SYSTEM) {
		qun_set_type(ev, QUN_SYSTEM);
		return hook->emit(hook, ev);
	}
	struct qun_change c = {.type = said->type, .source = said->source, .who.name = target, .list = !own};
	if (!own)
		c.actor.name = actor.len ? actor : user;
	return qun_people_hold(hook, hook->memory, ev, &c);
}

static int end(struct qun_hook *hook)
{
	return qun_people_end(hook, hook->memory);
}

static void release(void *memory)
{
	qun_people_release(memory);
}

const struct qun_format qun_format_kakaotalk = {
	.name = "kakaotalk",
	.brief = "KakaoTalk CSV of a chat",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.name_is_id = true,
	.memory_size = sizeof(struct qun_people),
	.event = event,
	.end = end,
	.release = release,
};
