/* Counting what there is. Memory grows with people, groups and orders, not with messages. */
#include "qun/facts.h"

#include <stdlib.h>
#include <string.h>

void qun_facts_init(struct qun_facts *f, const struct qun_run *run)
{
	*f = (struct qun_facts){0};
	f->ctx = (struct qun_ctx){.run = run, .groups = &f->groups, .words = &f->words, .heads = &f->heads};
}

void qun_facts_release(struct qun_facts *f)
{
	for (size_t i = 0; i < f->groups.n && i < f->group_cap; i++)
		qun_bits_release(&f->group[i].days);
	free(f->group);
	qun_heads_release(&f->heads);
	qun_dict_release(&f->groups);
	qun_dict_release(&f->words);
	qun_dict_release(&f->people);
	qun_dict_release(&f->members);
	qun_dict_release(&f->buyers);
	qun_dict_release(&f->staff);
	qun_dict_release(&f->orders);
	qun_dict_release(&f->types);
	qun_dict_release(&f->ways);
	free(f->type);
	free(f->way);
	*f = (struct qun_facts){0};
}

static int count_word(struct qun_dict *words, uint64_t **n, size_t *cap, struct qun_span word)
{
	size_t known = words->n;
	uint32_t id;

	if (qun_grow(n, cap, known, sizeof(**n)) < 0 || qun_dict_add(words, word, &id) < 0)
		return QUN_ENOMEM;
	if (words->n > known)
		(*n)[id] = 0;
	(*n)[id]++;
	return 0;
}

static int add_group(struct qun_facts *f, struct qun_event *ev)
{
	size_t known = f->groups.n;
	int rc = qun_grow(&f->group, &f->group_cap, known, sizeof(*f->group));

	if (rc == 0)
		rc = qun_dict_add(&f->groups, ev->field[QUN_F_GROUP], &ev->group);
	if (rc < 0)
		return rc;
	if (f->groups.n > known)
		f->group[ev->group] = (struct qun_group_facts){0};
	f->group[ev->group].events++;
	f->group[ev->group].type[ev->type]++;
	return qun_bits_add(&f->group[ev->group].days, qun_cal_day(&f->ctx.run->cal, ev->ts));
}

static int add_person(struct qun_facts *f, const struct qun_event *ev)
{
	struct qun_span user = ev->field[QUN_F_USER], role = ev->field[QUN_F_ROLE];
	struct qun_buf key = {0};
	size_t known = f->people.n, members = f->members.n;
	uint32_t id;
	int rc = qun_dict_add(&f->people, user, &id);

	if (f->people.n > known)
		f->by_name += memchr(user.ptr, '\x1f', user.len) != NULL;
	if (rc == 0)
		rc = qun_key_int(&key, ev->group);
	if (rc == 0)
		rc = qun_buf_add_span(&key, user);
	if (rc == 0)
		rc = qun_dict_add(&f->members, qun_buf_span(&key), &id);
	f->group[ev->group].people += f->members.n > members;
	qun_buf_release(&key);
	if (rc == 0 && ev->type == QUN_ORDER)
		rc = qun_dict_add(&f->buyers, user, &id);
	if (rc == 0 && (qun_span_is(role, "staff") || qun_span_is(role, "owner")))
		rc = qun_dict_add(&f->staff, user, &id);
	return rc;
}

/* Lines of one (user, order_id) are one order, of the group whose line comes first. */
static int add_order(struct qun_facts *f, const struct qun_event *ev)
{
	struct qun_buf key = {0};
	size_t known = f->orders.n;
	bool numbered = ev->field[QUN_F_ORDER_ID].len > 0;
	uint32_t id;
	int rc = numbered ? qun_key_text(&key, ev->field[QUN_F_USER]) : 0;

	if (rc == 0 && numbered)
		rc = qun_buf_add_span(&key, ev->field[QUN_F_ORDER_ID]);
	if (rc == 0 && numbered)
		rc = qun_dict_add(&f->orders, qun_buf_span(&key), &id);
	f->group[ev->group].orders += !numbered || f->orders.n > known;
	qun_buf_release(&key);
	return rc;
}

int qun_facts_add(struct qun_facts *f, struct qun_event *ev)
{
	int rc = add_group(f, ev);

	if (rc == 0)
		rc = qun_heads_add(&f->ctx, ev);
	if (rc == 0)
		rc = count_word(&f->types, &f->type, &f->type_cap, ev->field[QUN_F_TYPE]);
	if (rc == 0 && ev->type == QUN_JOIN)
		rc = count_word(&f->ways, &f->way, &f->way_cap, ev->field[QUN_F_SOURCE]);
	if (rc == 0 && ev->field[QUN_F_USER].len)
		rc = add_person(f, ev);
	if (rc == 0 && ev->type == QUN_ORDER)
		rc = add_order(f, ev);
	if (rc < 0)
		return rc;
	f->events++;
	f->anonymous += !ev->field[QUN_F_USER].len;
	f->whole_minutes += ev->ts % (60 * QUN_SECOND) == 0;
	f->texts += ev->type == QUN_MESSAGE && ev->field[QUN_F_TEXT].len > 0;
	f->amounts += ev->type == QUN_ORDER && ev->has_amount;
	return 0;
}

uint64_t qun_facts_of_type(const struct qun_facts *f, enum qun_type type)
{
	uint64_t n = 0;

	for (size_t i = 0; i < f->groups.n; i++)
		n += f->group[i].type[type];
	return n;
}

uint64_t qun_facts_holes(const struct qun_bits *days, uint64_t *longest)
{
	uint64_t holes = 0;
	int64_t last, day;
	bool begun = false;

	*longest = 0;
	for (int64_t from = INT64_MIN; qun_bits_next(days, from, &day); from = day + 1) {
		uint64_t gap = begun ? (uint64_t)(day - last - 1) : 0;
		holes += gap;
		*longest = gap > *longest ? gap : *longest;
		last = day;
		begun = true;
	}
	return holes;
}
