/*
 * Rosters and staff lists. A line is found through the numbers of its group and user, so that a
 * search needs no memory and any number of threads may search at once.
 */
#include "qun/roster.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "qun/dict.h"

struct qun_roster {
	struct qun_dict groups, users;
	struct qun_dict pairs;	       /* group and user number -> index in line */
	struct qun_roster_line **line; /* in the arena */
	struct qun_roster_line **sorted;
	size_t line_cap, sorted_cap;
	struct qun_arena text;
	pthread_mutex_t lock; /* guards the sorting that the first reader does */
	bool in_order;
};

int qun_roster_open(struct qun_roster **r)
{
	*r = calloc(1, sizeof(**r));
	if (!*r)
		return QUN_ENOMEM;
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
	qun_arena_release(&r->text);
	free(r->line);
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

int qun_roster_add(struct qun_roster *r, const struct qun_roster_line *line)
{
	struct qun_roster_line *copy;
	uint32_t pair[2], number;
	size_t n = r->pairs.n;
	int rc = qun_dict_add(&r->groups, line->group, &pair[0]);

	if (rc == 0)
		rc = qun_dict_add(&r->users, line->user, &pair[1]);
	if (rc < 0)
		return rc;
	copy = copy_line(r, line, pair);
	if (!copy || qun_grow(&r->line, &r->line_cap, n, sizeof(*r->line)) < 0 ||
		qun_grow(&r->sorted, &r->sorted_cap, n, sizeof(*r->sorted)) < 0)
		return QUN_ENOMEM;
	rc = qun_dict_add(&r->pairs, (struct qun_span){(char *)pair, sizeof(pair)}, &number);
	if (rc < 0)
		return rc;
	r->line[number] = copy;
	r->in_order = false;
	return 0;
}

const struct qun_roster_line *qun_roster_find(
	const struct qun_roster *r, struct qun_span group, struct qun_span user)
{
	uint32_t pair[2] = {qun_dict_find(&r->groups, group), qun_dict_find(&r->users, user)};
	uint32_t number = qun_dict_find(&r->pairs, (struct qun_span){(char *)pair, sizeof(pair)});

	return number == QUN_NONE ? NULL : r->line[number];
}

bool qun_roster_has_group(const struct qun_roster *r, struct qun_span group)
{
	return qun_dict_find(&r->groups, group) != QUN_NONE;
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
