/*
 * JSON cut into the elements of its array of records, whatever surrounds it, in memory for one
 * element.
 */
#include "input/json.h"

#include <stdio.h>
#include <stdlib.h>

/* What no step may hold for ever: the text of a token, an element, damage, a trial. */
static int check_limits(struct qun_json *j)
{
	struct qun_json_state *st = &j->st;
	uint64_t at = st->here.at;
	int rc = 0;

	if (st->kept && at - st->token.at > QUN_TOKEN_BYTES)
		st->kept = false;
	if (j->el.open && !j->el.dropped && at - j->el.from.at > j->conf.max_record)
		rc = qun_json_too_long(j);
	if (rc == 0 && j->damage.open && at - j->damage.from > j->conf.max_record)
		rc = qun_damage_end(&j->damage, &j->win, at, j->conf.max_record, &j->sink);
	if (rc < 0 || !j->trial.open)
		return rc;
	return qun_json_judge_late(j);
}

static uint64_t oldest_needed(const struct qun_json *j)
{
	uint64_t at = j->st.here.at;

	if (j->st.kept && j->st.token.at < at && (j->st.lex == STRING || j->st.lex == ATOM))
		at = j->st.token.at;
	if (j->el.open && !j->el.dropped && j->el.from.at < at)
		at = j->el.from.at;
	if (j->damage.open && j->damage.from < at)
		at = j->damage.from;
	if (j->trial.open && j->trial.before.here.at < at)
		at = j->trial.before.here.at;
	return at;
}

static int run(struct qun_json *j)
{
	int rc = 0;

	while (rc == 0 && j->st.here.at < qun_window_end(&j->win)) {
		rc = qun_json_step(j);
		if (rc == 0)
			rc = check_limits(j);
	}
	return rc;
}

static int report_open(struct qun_json *j)
{
	const struct qun_json_state *st = &j->st;
	const struct qun_json_place *from = &j->el.from;
	const char *what = "object";
	char why[160];

	if (st->lex == STRING) {
		from = &st->token;
		what = "string";
	} else if (!j->el.open) {
		from = &j->frame[st->depth - 1].from;
		what = j->frame[st->depth - 1].kind == '{' ? what : "array";
	}
	snprintf(why, sizeof(why), "the %s opened at byte %llu of the line is never closed", what,
		(unsigned long long)qun_json_column(from));
	struct qun_bad bad = {.line = from->line, .offset = from->at, .kind = "open", .why = why};
	if (j->el.open && !j->el.dropped)
		bad.raw = qun_window_span(&j->win, j->el.from.at, st->here.at);
	return j->sink.bad(j->sink.arg, &bad);
}

static int json_feed(struct qun_cutter *cutter, struct qun_span bytes, struct qun_err *err)
{
	struct qun_json *j = (struct qun_json *)cutter;
	int rc;

	j->win.bytes = bytes;
	rc = run(j);
	if (rc == 0)
		qun_window_drop(&j->win, oldest_needed(j));
	cutter->left = j->win.bytes.len;
	return rc == QUN_ENOMEM ? qun_fail_mem(err) : rc;
}

/* The end may show that a trial was none, or that an element does not end: there is some to read again. */
static int json_finish(struct qun_cutter *cutter, struct qun_span bytes, struct qun_err *err)
{
	struct qun_json *j = (struct qun_json *)cutter;
	uint64_t end = j->win.base + bytes.len;
	bool again;
	int rc;

	j->win.bytes = bytes;
	do {
		bool told = false;
		rc = run(j);
		if (rc == 0 && j->st.lex == ATOM)
			rc = qun_json_end_atom(j);
		again = rc == 0 && j->el.open && j->el.loose && j->el.first && !j->el.dropped;
		if (again) {
			qun_json_give_up(j);
			continue;
		}
		if (rc == 0)
			rc = qun_damage_end(&j->damage, &j->win, end, j->conf.max_record, &j->sink);
		if (rc == 0 && j->el.open && !(told = j->el.dropped)) {
			rc = report_open(j);
			told = true;
		}
		if (rc == 0 && j->trial.open)
			rc = qun_json_judge(j);
		again = rc == 0 && j->st.here.at < end;
		if (rc == 0 && !again && !told && j->st.lex != SEEK && (j->st.lex == STRING || j->st.depth))
			rc = report_open(j);
	} while (again);
	return rc == QUN_ENOMEM ? qun_fail_mem(err) : rc;
}

static void json_close(struct qun_cutter *cutter)
{
	struct qun_json *j = (struct qun_json *)cutter;

	qun_buf_release(&j->text);
	qun_dict_release(&j->rejected);
	free(j->frame);
	free(j);
}

int qun_json_open(struct qun_cutter **cutter, const struct qun_cut_conf *conf, const struct qun_cut_sink *sink,
	struct qun_header *header)
{
	struct qun_json *j = calloc(1, sizeof(*j));

	if (!j || !(j->frame = calloc(conf->max_depth ? conf->max_depth : 1, sizeof(*j->frame)))) {
		free(j);
		return QUN_ENOMEM;
	}
	j->cutter = (struct qun_cutter){.feed = json_feed, .finish = json_finish, .close = json_close};
	j->conf = *conf;
	j->sink = *sink;
	j->header = header;
	j->win.base = j->st.here.at = j->st.here.line_at = conf->offset;
	j->st.here.line = conf->line;
	j->st.here.blank = true;
	*cutter = &j->cutter;
	return 0;
}
