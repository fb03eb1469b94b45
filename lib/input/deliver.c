/* An event's last way: to the group it waits for, to who its people are, past what was there before, to the sink. */
#include "input/file.h"

#include <string.h>

static const char scope = '\x1f'; /* between a name used as id and its group: QUN_SCOPE */

/* The id of a person: by --alias, or a name made his in this group alone; chat-cat's output has names
 * that are already. */
static int identify(struct qun_file *f, struct qun_span *who, struct qun_span group, struct qun_buf *text)
{
	const struct qun_input_conf *conf = &f->in->conf;
	const char *end;
	struct qun_span bare, alias;

	if (!who->len)
		return 0;
	end = memchr(who->ptr, scope, who->len);
	bare = (struct qun_span){who->ptr, end ? (size_t)(end - who->ptr) : who->len};
	alias = qun_alias_of(conf->alias, bare);
	if (alias.ptr != bare.ptr || conf->names_global) {
		*who = alias;
		return 0;
	}
	if (end || !f->map.name_is_id)
		return 0;
	qun_buf_clear(text);
	if (qun_buf_add_span(text, *who) < 0 || qun_buf_add_char(text, scope) < 0 || qun_buf_add_span(text, group) < 0)
		return qun_fail_mem(f->err);
	*who = qun_buf_span(text);
	return 0;
}

void qun_file_end_late(struct qun_file *f)
{
	f->late.dropped += f->late.repeated && !f->late.used;
	f->late.used = f->late.repeated = false;
}

/* Events of records held back come at the end; those of one record share what it says and when. */
static void note_late(struct qun_file *f, const struct qun_event *ev, bool repeated)
{
	const uint64_t key[2] = {(uint64_t)ev->ts, 0};
	struct qun_span id = ev->field[QUN_F_ID];
	ptrdiff_t nth = qun_span_find(id, "#", 0);
	uint64_t print;

	id.len = nth >= 0 ? (size_t)nth : id.len;
	print = qun_siphash(key, ev->field[QUN_F_TEXT]) ^ qun_siphash(key, ev->field[QUN_F_GROUP]) * 3 ^
		qun_siphash(key, id) * 5;
	if (print != f->late.print)
		qun_file_end_late(f);
	f->late.print = print;
	f->late.repeated |= repeated;
	f->late.used |= !repeated;
	f->late.any_used |= !repeated;
}

int qun_file_is_repeat(struct qun_file *f, struct qun_event *ev)
{
	int rc = f->in->dedup ? qun_file_repeats(f, ev) : 0;

	f->in->counts.repeated += rc == 1;
	for (uint64_t left = rc ? 0 : f->in->unasked; left; left &= left - 1)
		ev->field[__builtin_ctzll(left)] = (struct qun_span){NULL, 0};
	return rc < 0 ? rc : rc > 0;
}

int qun_file_hand_over(struct qun_file *f, struct qun_event *ev)
{
	int rc = qun_file_is_repeat(f, ev);

	if (rc >= 0 && f->in->dedup && !f->rec && !f->hook.aside)
		note_late(f, ev, rc > 0);
	if (rc > 0) {
		f->repeated |= !f->hook.aside;
		return 0;
	}
	if (rc == 0)
		rc = f->in->sink.event(f->in->sink.arg, ev, f->err);
	f->used |= rc == 0 && !f->hook.aside;
	return rc < 0 ? rc : 0;
}

/*
 * An order with what its row says of money given back. The refund needs the order's number to find
 * it; without one the order is less by the refund, or none.
 */
static int hand_over_order(struct qun_file *f, struct qun_event *ev)
{
	struct qun_event refund = *ev;
	bool has_named;
	int rc;
	enum qun_order_state state = qun_order_state_of(ev->field[QUN_F_STATUS], &refund.amount, &has_named);

	if (qun_file_is_no_order(f, ev))
		return 0;
	if (f->has_refund && f->refund > 0)
		refund.amount = f->refund;
	else if (state != QUN_ORDER_REFUNDED)
		return qun_file_hand_over(f, ev);
	else if (!has_named)
		refund.amount = ev->amount;
	refund.has_amount = (f->has_refund && f->refund > 0) || has_named || ev->has_amount;
	refund.type = QUN_REFUND;
	refund.field[QUN_F_TYPE] = qun_span_of(qun_type_name(QUN_REFUND));
	if (!ev->field[QUN_F_ORDER_ID].len) {
		if (!ev->has_amount || refund.amount >= ev->amount)
			return 0;
		ev->amount -= refund.amount;
		return qun_file_hand_over(f, ev);
	}
	rc = qun_file_hand_over(f, ev);
	return rc < 0 ? rc : qun_file_hand_over(f, &refund);
}

/* A name that neither the file nor an alias leads to an id: who bears it counts as someone else. */
static bool is_by_name(const struct qun_file *f, const struct qun_event *ev)
{
	return f->format->event && !f->map.name_is_id && (ev->type == QUN_JOIN || ev->type == QUN_LEAVE) &&
		ev->field[QUN_F_USER].len && qun_span_eq(ev->field[QUN_F_USER], ev->field[QUN_F_NAME]);
}

/* For the report on --alias: who is in this file, as it calls them. */
static int meet(struct qun_file *f, struct qun_span who)
{
	uint32_t id;

	if (!f->in->conf.alias || !f->in->sink.closed || !who.len || f->hook.aside)
		return 0;
	return qun_dict_add(&f->met, who, &id) < 0 ? qun_fail_mem(f->err) : 0;
}

int qun_file_end_waiting(struct qun_file *f)
{
	struct qun_event ev;
	int rc = 0;

	f->waited = true;
	while (rc >= 0 && qun_wait_take(&f->wait, &ev))
		rc = qun_file_deliver(f, &ev);
	qun_wait_release(&f->wait);
	return rc;
}

/* The group that stands around the records: 1 where the event waits for it. */
static int find_group(struct qun_file *f, struct qun_event *ev)
{
	struct qun_span group;

	if (!f->format->group || !qun_span_is(ev->field[QUN_F_GROUP], "-"))
		return 0;
	group = f->format->group(&f->hook);
	if (group.len)
		ev->field[QUN_F_GROUP] = group;
	f->astray += !group.len && f->waited;
	if (group.len || f->waited || !f->array[0])
		return 0;
	int rc = qun_wait_add(&f->wait, ev);
	if (rc == QUN_ELIMIT) {
		f->astray++;
		return qun_file_end_waiting(f);
	}
	f->hook.held = true;
	return rc < 0 ? qun_fail_mem(f->err) : 1;
}

int qun_file_deliver(struct qun_file *f, struct qun_event *ev)
{
	/* whoever made them: blanks around a name make nobody else of its bearer */
	static const int trimmed[] = {QUN_F_GROUP, QUN_F_USER, QUN_F_NAME, QUN_F_REF};
	int rc;

	for (size_t i = 0; i < sizeof(trimmed) / sizeof(*trimmed); i++)
		ev->field[trimmed[i]] = qun_span_trim(ev->field[trimmed[i]]);
	if (!ev->field[QUN_F_GROUP].len)
		ev->field[QUN_F_GROUP] = qun_span_of("-");
	rc = find_group(f, ev);
	if (rc)
		return rc < 0 ? rc : 0;
	rc = meet(f, ev->field[QUN_F_USER]);
	if (rc == 0)
		rc = identify(f, &ev->field[QUN_F_USER], ev->field[QUN_F_GROUP], &f->user);
	if (rc == 0)
		rc = identify(f, &ev->field[QUN_F_REF], ev->field[QUN_F_GROUP], &f->ref);
	if (rc < 0)
		return rc;
	f->in->counts.by_name += is_by_name(f, ev);
	if (ev->type == QUN_ORDER && f->rec)
		return hand_over_order(f, ev);
	return qun_file_hand_over(f, ev);
}

int qun_file_person(struct qun_file *f, const struct qun_event *ev)
{
	struct qun_input *in = f->in;
	size_t known = in->person.n;
	uint32_t id, name;
	int rc;

	if (!ev->field[QUN_F_USER].len || !ev->field[QUN_F_NAME].len)
		return 0;
	rc = qun_grow(&in->name_of, &in->name_cap, known, sizeof(*in->name_of));
	if (rc == 0)
		rc = qun_dict_add(&in->person_name, ev->field[QUN_F_NAME], &name);
	if (rc == 0)
		rc = qun_dict_add(&in->person, ev->field[QUN_F_USER], &id);
	if (rc == 0)
		in->name_of[id] = name;
	return rc;
}
