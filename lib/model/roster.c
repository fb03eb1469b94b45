/*
 * Rosters and staff lists. A line is found through the numbers of its group and user, so that a
 * search needs no memory and any number of threads may search at once.
 */
#include "qun/roster.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "qun/cal.h"
#include "qun/dict.h"

/* A group or a pair in a list: what a dictionary holds of it. No byte of it is padding. */
struct list_key {
	uint32_t number, zero;
	int64_t at;
};

struct qun_roster {
	struct qun_dict groups, users;
	struct qun_dict pairs;	       /* group and user number -> index in line and line_at */
	struct qun_roster_line **line; /* in the arena: of each pair the newest */
	int64_t *line_at;	       /* and its list */
	struct qun_roster_line **sorted;
	size_t line_cap, at_cap, sorted_cap;
	struct qun_dict spoken;		/* list_key of a group: lists that name it */
	struct qun_dict dated;		/* list_key of a pair -> index in dated_line */
	struct qun_roster_line **dated_line;
	size_t dated_cap;
	struct qun_roster_date *date; /* in order of their instants */
	size_t ndate, date_cap;
	int64_t at; /* of the list being added, QUN_NEVER: as of A */
	struct qun_arena text;
	pthread_mutex_t lock; /* guards the sorting that the first reader does */
	bool in_order;
};

int qun_roster_open(struct qun_roster **r)
{
	*r = calloc(1, sizeof(**r));
	if (!*r)
		return QUN_ENOMEM;
	(*r)->at = QUN_NEVER;
	pthread_mutex_init(&(*r)->lock, NULL);
	return 0;
}

void qun_roster_close(struct qun_roster *r)
{
	if (!r)
		return;
	qun_dict_release(&r->groups);
	qun_dict_release(&r->users);
	qun_dict_release(&r->pairs);
	qun_dict_release(&r->spoken);
	qun_dict_release(&r->dated);
	qun_arena_release(&r->text);
	free(r->line);
	free(r->line_at);
	free(r->dated_line);
	free(r->date);
	free(r->sorted);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static int copy_span(struct qun_roster *r, struct qun_span *s)
{
	char *copy = qun_arena_copy(&r->text, *s);

	s->ptr = copy;
	return copy ? 0 : QUN_ENOMEM;
}

/* A copy of the line; group and user are those of the dictionaries. */
static struct qun_roster_line *copy_line(
	struct qun_roster *r, const struct qun_roster_line *line, const uint32_t pair[2])
{
	struct qun_roster_line *copy = qun_arena_alloc(&r->text, sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *line;
	copy->group = qun_dict_text(&r->groups, pair[0]);
	copy->user = qun_dict_text(&r->users, pair[1]);
	return copy_span(r, &copy->name) < 0 || copy_span(r, &copy->role) < 0 ? NULL : copy;
}

int qun_roster_begin(struct qun_roster *r, const struct qun_roster_date *date)
{
	size_t i = r->ndate;

	r->at = date ? date->at : QUN_NEVER;
	for (size_t k = 0; date && k < r->ndate; k++) {
		if (r->date[k].at != date->at)
			continue;
		if (date->from < r->date[k].from)
			r->date[k].from = date->from;
		return 0;
	}
	if (!date)
		return 0;
	if (qun_grow(&r->date, &r->date_cap, r->ndate, sizeof(*r->date)) < 0)
		return QUN_ENOMEM;
	for (; i > 0 && r->date[i - 1].at > date->at; i--)
		r->date[i] = r->date[i - 1];
	r->date[i] = *date;
	r->ndate++;
	return 0;
}

static struct qun_span key_span(const struct list_key *key)
{
	return (struct qun_span){(const char *)key, sizeof(*key)};
}

/* The line of pair number n, in the list being added. */
static int add_dated(struct qun_roster *r, uint32_t n, struct qun_roster_line *line)
{
	struct list_key key = {.number = n, .at = r->at};
	uint32_t number;

	if (qun_grow(&r->dated_line, &r->dated_cap, r->dated.n, sizeof(*r->dated_line)) < 0 ||
		qun_dict_add(&r->dated, key_span(&key), &number) < 0)
		return QUN_ENOMEM;
	r->dated_line[number] = line;
	return 0;
}

/* The line of pair number n; a new pair has the number known. */
static void keep_newest(struct qun_roster *r, uint32_t n, size_t known, struct qun_roster_line *line)
{
	if (n < known && r->line_at[n] > r->at)
		return;
	r->line[n] = line;
	r->line_at[n] = r->at;
	r->in_order = false;
}

int qun_roster_add(struct qun_roster *r, const struct qun_roster_line *line)
{
	struct qun_roster_line *copy;
	struct list_key spoken = {.at = r->at};
	uint32_t pair[2], number;
	size_t n = r->pairs.n;
	int rc = qun_dict_add(&r->groups, line->group, &pair[0]);

	if (rc == 0)
		rc = qun_dict_add(&r->users, line->user, &pair[1]);
	if (rc < 0)
		return rc;
	copy = copy_line(r, line, pair);
	if (!copy || qun_grow(&r->line, &r->line_cap, n, sizeof(*r->line)) < 0 ||
		qun_grow(&r->line_at, &r->at_cap, n, sizeof(*r->line_at)) < 0 ||
		qun_grow(&r->sorted, &r->sorted_cap, n, sizeof(*r->sorted)) < 0)
		return QUN_ENOMEM;
	spoken.number = pair[0];
	rc = qun_dict_add(&r->spoken, key_span(&spoken), &number);
	if (rc == 0)
		rc = qun_dict_add(&r->pairs, (struct qun_span){(char *)pair, sizeof(pair)}, &number);
	if (rc < 0)
		return rc;
	keep_newest(r, number, n, copy);
	return r->at == QUN_NEVER ? 0 : add_dated(r, number, copy);
}

static uint32_t pair_of(const struct qun_roster *r, struct qun_span group, struct qun_span user)
{
	uint32_t pair[2] = {qun_dict_find(&r->groups, group), qun_dict_find(&r->users, user)};

	return qun_dict_find(&r->pairs, (struct qun_span){(char *)pair, sizeof(pair)});
}

const struct qun_roster_line *qun_roster_find(
	const struct qun_roster *r, struct qun_span group, struct qun_span user)
{
	uint32_t number = pair_of(r, group, user);

	return number == QUN_NONE ? NULL : r->line[number];
}

const struct qun_roster_line *qun_roster_find_in(
	const struct qun_roster *r, int64_t at, struct qun_span group, struct qun_span user)
{
	struct list_key key = {.number = pair_of(r, group, user), .at = at};
	uint32_t number;

	if (key.number == QUN_NONE)
		return NULL;
	if (at == QUN_NEVER)
		return r->line_at[key.number] == QUN_NEVER ? r->line[key.number] : NULL;
	number = qun_dict_find(&r->dated, key_span(&key));
	return number == QUN_NONE ? NULL : r->dated_line[number];
}

bool qun_roster_lists(const struct qun_roster *r, int64_t at, struct qun_span group)
{
	struct list_key key = {.number = qun_dict_find(&r->groups, group), .at = at};

	return qun_dict_find(&r->spoken, key_span(&key)) != QUN_NONE;
}

bool qun_roster_has_group(const struct qun_roster *r, struct qun_span group, int64_t as_of)
{
	if (qun_roster_lists(r, QUN_NEVER, group))
		return true;
	for (size_t i = 0; i < r->ndate; i++) {
		if (r->date[i].from <= as_of && qun_roster_lists(r, r->date[i].at, group))
			return true;
	}
	return false;
}

size_t qun_roster_dates(const struct qun_roster *r, const struct qun_roster_date **dates)
{
	*dates = r->date;
	return r->ndate;
}

size_t qun_roster_count(const struct qun_roster *r)
{
	return r->pairs.n;
}

static int by_group_user(const void *a, const void *b)
{
	const struct qun_roster_line *left = *(struct qun_roster_line *const *)a;
	const struct qun_roster_line *right = *(struct qun_roster_line *const *)b;
	int order = qun_span_cmp(left->group, right->group);

	return order ? order : qun_span_cmp(left->user, right->user);
}

const struct qun_roster_line *qun_roster_at(const struct qun_roster *r, size_t i)
{
	struct qun_roster *own = (struct qun_roster *)r;
	const struct qun_roster_line *line;

	pthread_mutex_lock(&own->lock);
	if (!own->in_order) {
		memcpy(own->sorted, own->line, own->pairs.n * sizeof(*own->line));
		qsort(own->sorted, own->pairs.n, sizeof(*own->sorted), by_group_user);
		own->in_order = true;
	}
	line = own->sorted[i];
	pthread_mutex_unlock(&own->lock);
	return line;
}

struct qun_staff {
	struct qun_dict users;
};

int qun_staff_open(struct qun_staff **s)
{
	*s = calloc(1, sizeof(**s));
	return *s ? 0 : QUN_ENOMEM;
}

void qun_staff_close(struct qun_staff *s)
{
	if (!s)
		return;
	qun_dict_release(&s->users);
	free(s);
}

int qun_staff_add(struct qun_staff *s, struct qun_span user)
{
	uint32_t number;

	return qun_dict_add(&s->users, user, &number);
}

bool qun_staff_has(const struct qun_staff *s, struct qun_span user)
{
	return s && qun_dict_find(&s->users, user) != QUN_NONE;
}

size_t qun_staff_count(const struct qun_staff *s)
{
	return s ? s->users.n : 0;
}

struct qun_span qun_staff_at(const struct qun_staff *s, size_t i)
{
	return qun_dict_text(&s->users, (uint32_t)i);
}
