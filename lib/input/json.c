/*
 * JSON cut into the elements of its array of records, whatever surrounds it, in memory for one
 * element.
 */
#include "input/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_PAUSE = 255 };

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

/* The machine goes on behind the elements that were found, as if it had read them. */
static int pass(struct qun_json *j, const struct qun_json_scan *s, struct qun_span bytes)
{
	struct qun_json_place *here = &j->st.here;
	const struct qun_batch batch = {.bytes = {bytes.ptr, s->end}, .offset = here->at, .line = here->line,
		.piece = s->piece, .n = s->n};

	if (s->lines) {
		const char *last = memrchr(bytes.ptr, '\n', s->end);
		here->line += s->lines;
		here->line_at = here->at + (uint64_t)(last + 1 - bytes.ptr);
	}
	here->at += s->end;
	here->blank = false;
	j->last.depth = s->column ? j->st.depth : 0;
	j->last.column = s->column;
	return j->sink.batch(j->sink.arg, &batch);
}

/* Between two elements: those that follow in whole, if there are any. */
static int scan(struct qun_json *j)
{
	struct qun_span rest = qun_window_span(&j->win, j->st.here.at, qun_window_end(&j->win));
	struct qun_json_scan *s = j->scan.state;

	j->scan.ready = false;
	if (j->scan.wait) {
		j->scan.wait--;
		return 0;
	}
	if (!s && !(s = j->scan.state = malloc(sizeof(*s))))
		return QUN_ENOMEM;
	s->lane = qun_lane_of(j->conf.lane);
	s->array = j->st.depth > 0;
	s->longest = j->conf.max_record;
	s->deepest = j->conf.max_depth - j->st.depth;
	qun_json_scan(s, rest);
	j->scan.stays = s->rest == QUN_ELEMENTS_MORE && s->n && !j->scan.last;
	j->scan.ready = s->rest == QUN_ELEMENTS_FULL || j->scan.stays;
	if (s->n)
		j->scan.pause = 0;
	else if (s->rest == QUN_ELEMENTS_ODD)
		j->scan.wait = j->scan.pause = j->scan.pause < LONGEST_PAUSE ? 2 * j->scan.pause + 1 : LONGEST_PAUSE;
	return s->n ? pass(j, s, rest) : 0;
}

static int run(struct qun_json *j)
{
	int rc = 0;

	j->scan.stays = false;
	while (rc == 0 && !j->scan.stays && j->st.here.at < qun_window_end(&j->win)) {
		rc = j->scan.ready ? scan(j) : qun_json_step(j);
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
	j->scan.last = true;
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
	free(j->scan.state);
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
