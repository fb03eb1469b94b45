/*
 * --state: what earlier runs have counted is loaded before the inputs are read, and what is counted then
 * is kept for the next run. Events after --as-of are kept apart: no later run could take them out again.
 */
#include <stdio.h>
#include <string.h>

#include "common/tool.h"
#include "qun/head.h"

static int no_memory(const struct tool *t)
{
	tool_no_memory(t);
	return EXIT_DATA;
}

static int say_state(const struct tool *t, struct qun_err *err)
{
	if (!err->file[0])
		snprintf(err->file, sizeof(err->file), "%s", t->opt.state);
	return tool_say_err(t, err);
}

/* A value as it stands in a message. */
static const char *shown(struct qun_buf *text, struct qun_span value)
{
	qun_buf_clear(text);
	if (!value.ptr || !value.len)
		return value.ptr ? _("given") : _("not given");
	qun_buf_printf(text, "'%.*s'%c", (int)value.len, value.ptr, '\0');
	return text->ptr ? text->ptr : "";
}

static int check_fingerprint(const struct tool *t)
{
	struct qun_span was = qun_state_part(t->state.file, QUN_STATE_FINGERPRINT);
	struct qun_buf is = {0}, a = {0}, b = {0};
	struct qun_difference d;
	int status = tool_fingerprint(t, &is) < 0 ? no_memory(t) : 0;

	if (status == 0 && qun_fingerprint_differ(was, qun_buf_span(&is), &d)) {
		status = EXIT_DATA;
		if (qun_span_is(d.name, "program"))
			tool_say(t, _("%s: this is a state of %.*s"), t->opt.state, (int)d.was.len, d.was.ptr);
		else
			tool_say(t, _("%s: the state was made with other options: --%.*s was %s and is %s now"), t->opt.state,
				(int)d.name.len, d.name.ptr, shown(&a, d.was), shown(&b, d.is));
	}
	qun_buf_release(&is);
	qun_buf_release(&a);
	qun_buf_release(&b);
	return status;
}

/* A number for the zone's rules between two instants. */
static int hash_rules(const struct qun_zone *zone, int64_t first, int64_t last, uint64_t *hash)
{
	static const uint64_t key[2] = {0}; /* tells rules apart, keeps nothing secret */
	struct qun_buf rules = {0};
	int rc = 0;

	for (int64_t at = first, end = first; rc == 0 && at <= last && end != INT64_MAX; at = end) {
		rc = qun_save_i64(&rules, at);
		if (rc == 0)
			rc = qun_save_i64(&rules, qun_zone_offset(zone, at, NULL, &end));
	}
	*hash = qun_siphash(key, qun_buf_span(&rules));
	qun_buf_release(&rules);
	return rc;
}

static void widen(const struct qun_heads *heads, int64_t *first, int64_t *last)
{
	if (!heads->started)
		return;
	*first = heads->all.first < *first ? heads->all.first : *first;
	*last = heads->all.last > *last ? heads->all.last : *last;
}

/* Release of the rules, and what they say where the state has events. */
static int save_zone(const struct tool *t, struct qun_buf *out)
{
	struct qun_buf release = {0};
	int64_t first = INT64_MAX, last = INT64_MIN;
	uint64_t hash = 0;
	int rc = qun_zone_release(&release);

	widen(qun_engine_ctx(t->engine)->heads, &first, &last);
	widen(qun_engine_ctx(t->state.later)->heads, &first, &last);
	if (rc == 0)
		rc = hash_rules(t->zone, first, last, &hash);
	if (rc == 0)
		rc = qun_save_span(out, qun_buf_span(&release));
	if (rc == 0)
		rc = qun_save_i64(out, first);
	if (rc == 0)
		rc = qun_save_i64(out, last);
	if (rc == 0)
		rc = qun_save_u64(out, hash);
	qun_buf_release(&release);
	return rc;
}

static int damaged(const struct tool *t)
{
	tool_say(t, _("%s: the state is damaged and left as it is"), t->opt.state);
	return EXIT_DATA;
}

static int check_zone(const struct tool *t)
{
	struct qun_reader in = qun_reader_of(qun_state_part(t->state.file, QUN_STATE_ZONE));
	struct qun_buf now = {0};
	struct qun_span was = {0};
	int64_t first = 0, last = 0;
	uint64_t then = 0, hash = 0;
	int status = 0;

	if (qun_load_span(&in, &was) < 0 || qun_load_i64(&in, &first) < 0 || qun_load_i64(&in, &last) < 0 ||
		qun_load_u64(&in, &then) < 0 || !qun_reader_done(&in))
		return damaged(t);
	if (qun_zone_release(&now) < 0 || hash_rules(t->zone, first, last, &hash) < 0) {
		status = no_memory(t);
	} else if (hash != then) {
		tool_say(t, _("%s: days were told by the rules of %s in tzdata %.*s, which tzdata %.*s has changed: begin "
			"a new state from the inputs"), t->opt.state, qun_zone_name(t->zone), (int)was.len, was.ptr,
			(int)now.len, now.ptr);
		status = EXIT_DATA;
	}
	qun_buf_release(&now);
	return status;
}

static int load_types(struct tool *t)
{
	struct qun_span rest = qun_state_part(t->state.file, QUN_STATE_TYPES);
	uint32_t id;

	while (rest.len) {
		const char *end = memchr(rest.ptr, '\0', rest.len);

		if (!end)
			return damaged(t);
		if (qun_dict_add(&t->state.types, (struct qun_span){rest.ptr, (size_t)(end - rest.ptr)}, &id) < 0)
			return no_memory(t);
		rest.len -= (size_t)(end + 1 - rest.ptr);
		rest.ptr = end + 1;
	}
	return 0;
}

static int save_types(const struct tool *t, struct qun_buf *out)
{
	const struct qun_engine *const engine[] = {t->engine, t->state.later};
	struct qun_dict words = {0};
	const char *word;
	uint32_t id;
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < t->state.types.n; i++)
		rc = qun_dict_add(&words, qun_dict_text(&t->state.types, i), &id);
	for (int e = 0; rc == 0 && e < 2; e++) {
		for (size_t i = 0; rc == 0 && engine[e] && (word = qun_engine_type_word(engine[e], i)); i++)
			rc = qun_dict_add(&words, qun_span_of(word), &id);
	}
	for (uint32_t i = 0; rc == 0 && i < words.n; i++)
		rc = qun_buf_add(out, qun_dict_text(&words, i).ptr, qun_dict_text(&words, i).len + 1);
	qun_dict_release(&words);
	return rc;
}

static int say_too_new(const struct tool *t, int64_t ts)
{
	struct qun_buf when = {0};

	if (qun_time_format(&when, t->zone, ts) == 0 && qun_buf_add_char(&when, '\0') == 0)
		tool_say(t, _("%s: the state has counted events up to %s; how things were at an --as-of before that it cannot "
			"tell any more"), t->opt.state, when.ptr);
	qun_buf_release(&when);
	return EXIT_DATA;
}

/* What an earlier run had to keep apart joins the rest once the moment of looking has passed all of it. */
static int load_people(struct tool *t)
{
	struct qun_span people = qun_state_part(t->state.file, QUN_STATE_PEOPLE);
	struct qun_span later = qun_state_part(t->state.file, QUN_STATE_LATER);
	const struct qun_heads *now = qun_engine_ctx(t->engine)->heads, *then = qun_engine_ctx(t->state.later)->heads;
	struct qun_err err = {0};

	t->state.size = people.len;
	if (qun_engine_load(t->engine, people, &err) < 0 ||
		(later.len && qun_engine_load(t->state.later, later, &err) < 0))
		return say_state(t, &err);
	if (now->started && now->all.last > t->run.as_of)
		return say_too_new(t, now->all.last);
	if (!then->started || then->all.first > t->run.as_of)
		return 0;
	if (then->all.last > t->run.as_of)
		return say_too_new(t, then->all.last);
	if (qun_engine_merge(t->engine, t->state.later, &err) < 0)
		return say_state(t, &err);
	qun_engine_close(t->state.later);
	t->state.later = NULL;
	return 0;
}

static int open_later(struct tool *t)
{
	t->state.run = t->run;
	t->state.run.as_of = QUN_NEVER;
	return qun_engine_open(&t->state.later, t->metric, &t->state.run, t->conf) < 0 ? no_memory(t) : 0;
}

static int load(struct tool *t)
{
	int status = check_fingerprint(t);

	if (status == 0)
		status = check_zone(t);
	if (status == 0)
		status = load_types(t);
	if (status == 0)
		status = load_people(t);
	if (status == 0 && qun_buf_add_span(&t->state.input, qun_state_part(t->state.file, QUN_STATE_INPUT)) < 0)
		status = no_memory(t);
	return status;
}

int tool_state_open(struct tool *t)
{
	struct qun_err err = {0};
	int status;

	if (t->opt.forget.n && (!t->opt.state || t->nfile)) {
		tool_say(t, _("--forget takes people out of a --state, and reads no file"));
		return EXIT_USAGE;
	}
	if (!t->opt.state)
		return 0;
	if (t->opt.partial || t->opt.merge) {
		tool_say(t, _("--state goes with neither --partial nor --merge, whose lines are a state of their own"));
		return EXIT_USAGE;
	}
	if (qun_state_open(&t->state.file, t->opt.state, !t->opt.no_wait, &err) < 0)
		return say_state(t, &err);
	t->state.changed = qun_state_is_new(t->state.file);
	status = open_later(t);
	if (status == 0 && !t->state.changed)
		status = load(t);
	qun_state_drop(t->state.file);
	if (status == 0 && !t->state.later)
		status = open_later(t);
	return status;
}

int tool_state_begin(struct tool *t, struct qun_input *in)
{
	struct qun_err err = {0};
	int rc = t->state.input.len ? qun_input_load(in, qun_buf_span(&t->state.input), &err) : 0;

	qun_buf_release(&t->state.input);
	return rc < 0 ? say_state(t, &err) : 0;
}

int tool_state_end(struct tool *t, const struct qun_input *in)
{
	struct qun_err err = {0};

	/* with nothing new to count the old state is as good */
	t->state.changed |= t->counts.read > 0;
	return t->state.file && qun_input_save(in, &t->state.input, &err) < 0 ? say_state(t, &err) : 0;
}

/* The same people without one; *n counts who is gone. */
static int forget(struct tool *t, struct qun_engine **e, const char *id, uint64_t *n)
{
	struct qun_engine *rest = NULL;
	struct qun_err err = {0};
	int status = 0;

	t->state.run.forget = qun_span_of(id);
	if (qun_engine_open(&rest, t->metric, &t->state.run, t->conf) < 0)
		return no_memory(t);
	if (qun_engine_merge(rest, *e, &err) < 0)
		status = say_state(t, &err);
	*n += qun_engine_counts(*e).people - qun_engine_counts(rest).people;
	qun_engine_close(*e);
	*e = rest;
	return status;
}

int tool_state_forget(struct tool *t)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < t->opt.forget.n; i++) {
		uint64_t n = 0;

		status = forget(t, &t->engine, t->opt.forget.v[i], &n);
		if (status == 0)
			status = forget(t, &t->state.later, t->opt.forget.v[i], &n);
		if (status == 0 && !n) {
			tool_say(t, _("%s: the state has nobody with the id '%s'"), t->opt.state, t->opt.forget.v[i]);
			status = EXIT_DATA;
		}
	}
	t->state.changed = true;
	return status;
}

static int save(struct tool *t, struct qun_buf part[QUN_STATE_PARTS], struct qun_err *err)
{
	bool later = qun_engine_ctx(t->state.later)->heads->started;
	int rc = tool_fingerprint(t, &part[QUN_STATE_FINGERPRINT]);

	if (rc == 0)
		rc = save_zone(t, &part[QUN_STATE_ZONE]);
	if (rc == 0)
		rc = save_types(t, &part[QUN_STATE_TYPES]);
	if (rc < 0)
		return qun_fail_mem(err);
	/* a little more than it was: a buffer of that size is not copied while it grows */
	qun_buf_reserve(&part[QUN_STATE_PEOPLE], t->state.size + t->state.size / 8);
	rc = qun_engine_save(t->engine, &part[QUN_STATE_PEOPLE], err);
	return rc == 0 && later ? qun_engine_save(t->state.later, &part[QUN_STATE_LATER], err) : rc;
}

int tool_state_commit(struct tool *t)
{
	struct qun_buf part[QUN_STATE_PARTS] = {0};
	struct qun_span span[QUN_STATE_PARTS];
	struct qun_err err = {0};
	int rc;

	if (!t->state.file || !t->state.changed)
		return 0;
	rc = save(t, part, &err);
	for (int i = 0; i < QUN_STATE_PARTS; i++)
		span[i] = qun_buf_span(i == QUN_STATE_INPUT ? &t->state.input : &part[i]);
	if (rc == 0)
		rc = qun_state_replace(t->state.file, span, &err);
	for (int i = 0; i < QUN_STATE_PARTS; i++)
		qun_buf_release(&part[i]);
	return rc < 0 ? say_state(t, &err) : 0;
}

void tool_state_release(struct tool *t)
{
	qun_engine_close(t->state.later);
	qun_state_close(t->state.file);
	qun_buf_release(&t->state.input);
	qun_dict_release(&t->state.types);
}
