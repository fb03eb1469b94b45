/*
 * From a finished person into the funnel's report: his events of all kinds are put together, the
 * matcher tells how deep each attempt gets, and per --by value the best one counts, or each.
 */
#include <stdlib.h>
#include <string.h>

#include "metric/funnel/funnel.h"
#include "model/parts.h"

/* The counted attempt of a person for one --by value. */
struct best {
	int depth;
	bool open; /* any of his attempts is */
	int64_t attempts;
	int64_t at[FUNNEL_STEPS];
};

/* One person on his way into the report. */
struct tally {
	const struct qun_ctx *ctx;
	const struct qun_funnel_conf *conf;
	struct qun_cube *report;
	const struct qun_who *who;
	int64_t as_of;
	struct qun_orders orders;
	struct qun_intervals intervals; /* of the group that is being taken */
	uint64_t met;
	bool enters; /* some event may be a first step; else it is enough to know which steps were met */
	/* the unit: the person, or the person in one group */
	struct qun_span group;
	bool seen;
	struct qun_path_event *ev;
	size_t n, cap, entries;
	struct qun_trail_mark *mark; /* of the group that is being taken */
	size_t mark_cap;
	struct qun_vec stop, values; /* values: words of --by keys, later in order */
	struct best *best;	     /* by value */
	int window;		     /* that is being counted */
	struct qun_buf text, key;
};

/* The --by values of an entry, as key bytes, as a word. tag stands behind the held value. */
static int value_of(
	struct tally *t, uint32_t group, int64_t ts, struct qun_reader *tag, uint32_t *word)
{
	const struct qun_run *run = t->ctx->run;
	const struct qun_interval *in;
	int rc = 0;

	qun_buf_clear(&t->key);
	for (int i = 0; rc == 0 && i < run->by.n; i++) {
		struct qun_span value = {NULL, 0};

		switch (run->by.field[i]) {
		case QUN_F_GROUP: value = qun_dict_text(t->ctx->groups, group); break;
		case QUN_F_ROLE: value = t->who->role; break;
		case QUN_F_SOURCE:
			in = qun_interval_at(&t->intervals, ts);
			rc = qun_unkey_text(tag, &t->text);
			/* A join belongs to the interval it opened, even where the one before ends in
			 * the same instant. */
			if (rc == 0 && in && t->text.len && in + 1 < t->intervals.v + t->intervals.n &&
				in[1].from <= ts)
				in++;
			if (in)
				value = qun_word_text(t->ctx, in->source);
			break;
		default: rc = qun_unkey_text(tag, &t->text); value = qun_buf_span(&t->text);
		}
		if (rc == 0)
			rc = qun_key_text(&t->key, value);
	}
	if (rc == 0)
		rc = qun_dict_add(t->ctx->words, qun_buf_span(&t->key), word);
	return rc < 0 ? rc : qun_vec_add(&t->values, *word);
}

static bool is_entry(const struct tally *t, const struct qun_path_event *ev)
{
	return (ev->mask & 1) && qun_in_range(t->ctx->run, ev->ts);
}

/* What an event holds, and where it is an entry the --by value it counts for. */
static int read_tag(struct tally *t, uint32_t group, uint32_t word, struct qun_path_event *ev)
{
	struct qun_reader tag = qun_reader_of(qun_word_text(t->ctx, word));
	int rc = 0;

	if (t->conf->held >= 0) {
		rc = qun_unkey_text(&tag, &t->text);
		if (rc == 0)
			rc = qun_dict_add(t->ctx->words, qun_buf_span(&t->text), &ev->hold);
	}
	if (rc == 0 && t->ctx->run->by.n && is_entry(t, ev))
		rc = value_of(t, group, ev->ts, &tag, &ev->value);
	return rc;
}

static int take_event(struct tally *t, uint32_t group, const struct qun_trail_mark *m)
{
	struct qun_path_event ev = {.ts = m->ts, .mask = m->steps};
	int rc = 0;

	if (m->ts > t->as_of)
		return 0;
	t->met |= m->steps;
	if (t->conf->held >= 0 || t->ctx->run->by.n)
		rc = read_tag(t, group, m->tag, &ev);
	t->entries += is_entry(t, &ev);
	if (rc == 0 && qun_grow(&t->ev, &t->cap, t->n, sizeof(*t->ev)) < 0)
		rc = QUN_ENOMEM;
	if (rc == 0)
		t->ev[t->n++] = ev;
	return rc;
}

static int take_trail(struct tally *t, const struct qun_funnel_slot *s)
{
	bool tagged = t->conf->held >= 0 || t->ctx->run->by.n;
	size_t n = s->trail.tape.n;
	int rc = 0;

	if (n == 0)
		return 0;
	if (qun_grow(&t->mark, &t->mark_cap, n - 1, sizeof(*t->mark)) < 0 ||
		qun_grow(&t->ev, &t->cap, t->n + n - 1, sizeof(*t->ev)) < 0)
		return QUN_ENOMEM;
	qun_trail_marks(t->ctx, &s->trail, t->mark);
	for (size_t i = 0; tagged && rc == 0 && i < n; i++)
		rc = take_event(t, s->group, &t->mark[i]);
	for (size_t i = 0; !tagged && i < n; i++) {
		const struct qun_trail_mark *m = &t->mark[i];
		struct qun_path_event *ev = &t->ev[t->n];

		if (m->ts > t->as_of)
			continue;
		*ev = (struct qun_path_event){.ts = m->ts, .mask = m->steps};
		t->met |= m->steps;
		t->entries += is_entry(t, ev);
		t->n++;
	}
	return rc;
}

static int take_stop(struct tally *t, int64_t ts)
{
	if (ts > t->as_of)
		return 0;
	t->met |= UINT64_C(1) << FUNNEL_EXCLUDE;
	return qun_vec_add(&t->stop, ts);
}

static int take_order(struct tally *t, const struct qun_order *o)
{
	struct qun_trail_mark m = {.ts = o->ts};
	struct qun_span extra[QUN_MAX_EXTRA];
	struct qun_event ev;
	uint64_t met;
	int rc;

	qun_order_event(t->ctx, t->who->user, o, &ev, extra);
	rc = qun_funnel_match(t->ctx, &ev, &met);
	if (rc == 0 && (met >> FUNNEL_EXCLUDE || (met == 0 && qun_funnel_is_other(t->ctx, &ev))))
		rc = take_stop(t, o->ts);
	m.steps = (uint32_t)met;
	if (rc < 0 || m.steps == 0)
		return rc;
	rc = qun_funnel_tag(t->ctx, &ev, met & 1, &m.tag);
	return rc < 0 ? rc : take_event(t, o->group, &m);
}

static int take_slot(struct tally *t, struct qun_funnel_slot *s)
{
	struct qun_member none = {0};
	int rc = 0;

	t->seen = t->seen || s->first <= t->as_of;
	if (t->conf->source)
		rc = qun_intervals_of(t->ctx, s->group, t->who->id, s->aside ? &s->aside->member : &none, &t->intervals);
	for (size_t i = 0; rc == 0 && s->aside && i < s->aside->stop.n; i++)
		rc = take_stop(t, s->aside->stop.v[i]);
	if (rc == 0 && t->enters)
		rc = take_trail(t, s);
	else
		t->met |= s->trail.steps;
	for (size_t i = 0; rc == 0 && i < t->orders.n; i++) {
		if (t->orders.v[i].group == s->group)
			rc = take_order(t, &t->orders.v[i]);
	}
	return rc;
}

static int put_listed(struct tally *t, const struct best *b)
{
	const struct qun_funnel_conf *c = t->conf;
	/* The last step taken up to the listed one. */
	int last = b->depth < c->listed ? b->depth : c->listed;
	int64_t step_us = last > 1 ? b->at[last - 1] - b->at[last - 2] : -1;
	struct qun_cell *cell;
	int rc;

	if (c->table == FUNNEL_TABLE_REACHED
			? b->depth < c->listed
			: b->depth != c->listed - 1 ||
				  b->open != (c->table == FUNNEL_TABLE_PENDING))
		return 0;
	if ((rc = qun_key_text(&t->key, t->group)) < 0 ||
		(rc = qun_key_text(&t->key, t->who->user)) < 0 ||
		(rc = qun_key_text(&t->key, t->who->id)) < 0 ||
		(rc = qun_key_int(&t->key, b->at[last - 1])) < 0 ||
		(rc = qun_key_int(&t->key, step_us)) < 0)
		return rc;
	cell = qun_cube_cell(t->report, qun_buf_span(&t->key));
	if (!cell)
		return QUN_ENOMEM;
	rc = qun_cell_add(cell, 0, 1);
	return rc < 0 ? rc : qun_cell_text(cell, t->who->name);
}

static int put_counts(struct tally *t, const struct best *b)
{
	struct qun_cell *cell = qun_cube_cell(t->report, qun_buf_span(&t->key));
	int rc = cell ? 0 : QUN_ENOMEM;

	for (int step = 1; rc == 0 && step <= b->depth; step++) {
		rc = qun_cell_add(cell, FUNNEL_REACHED + (uint32_t)step - 1, 1);
		/* Levels have no times. */
		if (step == 1 || t->conf->clickhouse)
			continue;
		if (rc == 0)
			rc = qun_cell_put(
				cell, qun_funnel_step_bag(step), b->at[step - 1] - b->at[step - 2]);
		if (rc == 0)
			rc = qun_cell_put(
				cell, qun_funnel_total_bag(step), b->at[step - 1] - b->at[0]);
	}
	if (rc == 0 && b->depth < t->conf->n)
		rc = qun_cell_add(
			cell, (b->open ? FUNNEL_PENDING : FUNNEL_DROPPED) + (uint32_t)b->depth, 1);
	return rc;
}

static int open_key(struct tally *t, char kind)
{
	int rc;

	qun_buf_clear(&t->key);
	rc = qun_buf_add_char(&t->key, kind);
	return rc < 0 ? rc : qun_buf_add_char(&t->key, (char)(FUNNEL_WINDOW_KEY + t->window));
}

/* Counts one attempt under a --by value. */
static int put_attempt(struct tally *t, uint32_t value, const struct best *b)
{
	bool list = t->conf->table != FUNNEL_TABLE_STEPS;
	int rc = open_key(t, list ? FUNNEL_LIST_KEY : FUNNEL_STEPS_KEY);

	if (rc == 0 && t->values.n)
		rc = qun_buf_add_span(&t->key, qun_word_text(t->ctx, (uint32_t)t->values.v[value]));
	if (rc < 0)
		return rc;
	return list ? put_listed(t, b) : put_counts(t, b);
}

static int put_level(struct tally *t)
{
	struct qun_cell *cell;
	int64_t attempts = 0;
	int depth = 0, rc;

	for (size_t i = 0; t->best && i < (t->values.n ? t->values.n : 1); i++) {
		attempts += t->best[i].attempts;
		if (t->best[i].depth > depth)
			depth = t->best[i].depth;
	}
	if ((rc = open_key(t, FUNNEL_LIST_KEY)) < 0 ||
		(rc = qun_key_text(&t->key, t->group)) < 0 ||
		(rc = qun_key_text(&t->key, t->who->user)) < 0 ||
		(rc = qun_key_text(&t->key, t->who->id)) < 0)
		return rc;
	cell = qun_cube_cell(t->report, qun_buf_span(&t->key));
	if (!cell)
		return QUN_ENOMEM;
	rc = qun_cell_add(cell, 0, attempts);
	return rc < 0 ? rc : qun_cell_add(cell, 1, depth);
}

/* Deeper, or as deep and earlier at the first step where they differ. */
static bool is_better(const struct qun_path *path, const struct best *b)
{
	if (path->depth != b->depth)
		return path->depth > b->depth;
	for (int i = 0; i < b->depth; i++) {
		if (path->at[i] != b->at[i])
			return path->at[i] < b->at[i];
	}
	return false;
}

static int found(void *arg, const struct qun_path *path)
{
	struct tally *t = arg;
	struct best *b = &t->best[path->first->value];
	bool alone = t->conf->count == FUNNEL_ENTRIES && t->conf->table != FUNNEL_TABLE_LEVELS;

	if (path->open && t->conf->mature)
		return 0;
	if (alone)
		*b = (struct best){0};
	b->attempts++;
	b->open = b->open || path->open;
	if (is_better(path, b)) {
		b->depth = path->depth;
		memcpy(b->at, path->at, (size_t)path->depth * sizeof(*b->at));
	}
	return alone ? put_attempt(t, path->first->value, b) : 0;
}

static int by_word(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* From words to places in values, so that what is kept per value is an array. */
static void number_values(struct tally *t)
{
	qun_vec_unique(&t->values);
	for (size_t i = 0; t->values.n && i < t->n; i++) {
		int64_t word = t->ev[i].value;

		if (is_entry(t, &t->ev[i]))
			t->ev[i].value = (uint32_t)((int64_t *)bsearch(&word, t->values.v,
							    t->values.n, sizeof(word), by_word) -
						    t->values.v);
	}
}

/* The level of --clickhouse. All first steps of a unit have one --by value: its group or role. */
static int level_unit(struct tally *t)
{
	const struct qun_run *run = t->ctx->run;
	const struct qun_level_rule rule = {t->conf->n, t->conf->level_mode,
		t->conf->window_of[t->window].us, run->since, run->until};
	int level = qun_level_of(&rule, t->ev, t->n, t->stop.v, t->stop.n);

	if (level < 0)
		return level;
	t->best->depth = level;
	for (size_t i = 0; i < t->n; i++)
		t->best->attempts += is_entry(t, &t->ev[i]);
	return 0;
}

static int walk_unit(struct tally *t)
{
	const struct qun_funnel_conf *c = t->conf;
	struct qun_path_rule rule = {c->n, (enum qun_path_order)c->order,
		c->window_of[t->window].us, c->gap_us, t->ctx->run->since, t->ctx->run->until,
		t->as_of};
	size_t n = t->values.n ? t->values.n : 1;
	int rc;

	t->best = calloc(n, sizeof(*t->best));
	if (!t->best)
		return QUN_ENOMEM;
	if (c->clickhouse)
		rc = level_unit(t);
	else
		rc = qun_path_walk(&rule, t->ev, t->n, t->stop.v, t->stop.n, found, t);
	for (uint32_t i = 0; rc == 0 && i < n; i++) {
		if (c->count == FUNNEL_PEOPLE && c->table != FUNNEL_TABLE_LEVELS &&
			t->best[i].depth)
			rc = put_attempt(t, i, &t->best[i]);
	}
	return rc;
}

/* Leaves out what lies before the first entry, or after the last one's windows: no attempt gets there. */
static void cut_events(struct tally *t)
{
	int64_t first = INT64_MAX, last = INT64_MIN, window = 0;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (!is_entry(t, &t->ev[i]))
			continue;
		first = t->ev[i].ts < first ? t->ev[i].ts : first;
		last = t->ev[i].ts > last ? t->ev[i].ts : last;
	}
	for (int i = 0; i < t->conf->nwindow; i++)
		window = t->conf->window_of[i].us > window ? t->conf->window_of[i].us : window;
	if (__builtin_add_overflow(last, window, &last))
		last = INT64_MAX;
	for (size_t i = 0; i < t->n; i++) {
		if (t->ev[i].ts >= first && t->ev[i].ts <= last)
			t->ev[n++] = t->ev[i];
	}
	t->n = n;
}

/* Counts what was taken of the unit in every window and makes room for the next. */
static int close_unit(struct tally *t)
{
	bool counted = !t->who->bot && !t->who->staff;
	int rc = 0;

	if (t->entries && !t->conf->clickhouse)
		cut_events(t);
	number_values(t);
	qun_vec_sort(&t->stop);
	for (t->window = 0; rc == 0 && counted && t->window < t->conf->nwindow; t->window++) {
		if (t->entries)
			rc = walk_unit(t);
		if (rc == 0 && t->seen && t->conf->table == FUNNEL_TABLE_LEVELS)
			rc = put_level(t);
		free(t->best);
		t->best = NULL;
	}
	t->seen = false;
	t->n = t->entries = t->stop.n = t->values.n = 0;
	return rc;
}

static int put_notes(const struct tally *t)
{
	struct qun_cell *cell;
	int rc = 0;

	if (!t->met && !t->orders.unmatched_refunds)
		return 0;
	cell = qun_cube_cell(t->report, (struct qun_span){NULL, 0});
	if (!cell)
		return QUN_ENOMEM;
	for (uint64_t met = t->met; rc == 0 && met; met &= met - 1)
		rc = qun_cell_add(cell, (uint32_t)__builtin_ctzll(met), 1);
	return rc < 0 ? rc : qun_cell_add(cell, FUNNEL_UNMATCHED, t->orders.unmatched_refunds);
}

/* Events after A may be among those kept, and are none: only without them all marks count. */
static bool may_enter(const struct tally *t, const struct qun_funnel_person *p)
{
	const struct qun_funnel_conf *c = t->conf;
	bool enters = t->as_of < t->ctx->heads->all.last ||
		(t->orders.n && (c->sure[QUN_ORDER] | c->may[QUN_ORDER]) & 1);

	for (uint32_t i = 0; !enters && i < p->in.slots.n; i++) {
		const struct qun_funnel_slot *s = qun_slot_at(&p->in.slots, i, sizeof(*s));

		enters = s->trail.steps & 1;
	}
	return enters;
}

/* Fills the report's cells of a person. Words of held and --by values are added to the context. */
int qun_funnel_fold(
	const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who, void *person)
{
	struct qun_funnel_person *p = person;
	struct tally t = {.ctx = ctx,
		.conf = ctx->conf,
		.report = report,
		.who = who,
		.as_of = qun_as_of(ctx)};
	int rc = t.conf->orders ? qun_orders_of(ctx, &p->orders, &t.orders) : 0;

	t.enters = may_enter(&t, p);
	for (uint32_t i = 0; rc == 0 && i < p->in.slots.n; i++) {
		struct qun_funnel_slot *s = qun_slot_at(&p->in.slots, i, sizeof(*s));

		rc = take_slot(&t, s);
		if (rc == 0 && ctx->run->unit == QUN_UNIT_MEMBER) {
			t.group = qun_dict_text(ctx->groups, s->group);
			rc = close_unit(&t);
		}
	}
	if (rc == 0)
		rc = close_unit(&t);
	if (rc == 0)
		rc = put_notes(&t);
	free(t.best);
	free(t.ev);
	free(t.mark);
	qun_orders_release(&t.orders);
	qun_intervals_release(&t.intervals);
	qun_vec_release(&t.stop);
	qun_vec_release(&t.values);
	qun_buf_release(&t.text);
	qun_buf_release(&t.key);
	return rc;
}
