/* PyWxDump's users.json: one object, with the names of everyone by his id, beside the pages of a chat. */
#include "text/kind.h"

static const struct qun_mapping map[] = {
	{NULL, 0},
};

/* Is there an id with a nickname below it? */
static int recognise(const struct qun_sample *s)
{
	static const char *const below[] = {".wxid", ".nickname"};
	bool found[] = {false, false};

	for (size_t i = 0; i < s->nname; i++) {
		for (size_t k = 0; k < 2; k++)
			found[k] |= qun_span_ends(s->name[i], below[k]);
	}
	return s->container == QUN_JSON && s->ndjson && s->nrecord == 1 && found[0] && found[1] &&
			qun_sample_column(s, "wxid") < 0 ? 90 : 0;
}

struct person {
	struct qun_hook *hook;
	struct qun_span name;
};

/* The nickname is what sentences show; who has none has a remark. */
static int each_field(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	struct person *p = arg;
	struct qun_span name = qun_cell_text(cell);

	if (!name.len || !(qun_span_is(key, "nickname") || (qun_span_is(key, "remark") && !p->name.len)))
		return 0;
	p->name = (struct qun_span){qun_arena_copy(p->hook->scratch, name), name.len};
	return p->name.ptr ? 0 : QUN_ENOMEM;
}

static int each_person(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	struct person p = {.hook = arg};
	struct qun_event ev = {0};
	int rc = cell->kind == QUN_CELL_JSON ? qun_json_each(cell->s, each_field, &p) : 0;

	ev.field[QUN_F_USER] = key;
	ev.field[QUN_F_NAME] = p.name;
	return rc < 0 ? rc : p.hook->emit(p.hook, &ev);
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	int rc = qun_json_each(hook->record->raw, each_person, hook);

	(void)ev;
	hook->part = true;
	return rc == QUN_ENOMEM ? rc : 0;
}

const struct qun_format qun_format_pywxdump_users = {
	.name = "pywxdump-users",
	.brief = "PyWxDump's users.json: names for the pages read after it",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.people = true,
	.timeless = true,
	.event = event,
};
