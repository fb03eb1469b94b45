/*
 * Which arrays hold the records? An array of objects that nobody has judged yet is read as if it did,
 * until enough of it is there to be judged by those who know formats; if it holds other things it is
 * read again as what it is.
 */
#include "input/json.h"

#include <string.h>

enum { TRIAL_BYTES = 1 << 20, TRIAL_RECORDS = 1000, TRIALS = 64, NESTED = 16 };

/* How a path is called in rejected: the lines of a file are none of its arrays. */
static int name_trial(struct qun_json *j, bool lines, const char *path)
{
	qun_buf_clear(&j->text);
	return qun_buf_add_char(&j->text, lines ? 'l' : 'a') < 0 || qun_buf_add_text(&j->text, path) < 0 ? QUN_ENOMEM : 0;
}

int qun_json_judge(struct qun_json *j)
{
	const char *path = qun_json_path(j, j->trial.path_len);
	int rc = j->sink.judge(j->sink.arg, path, j->trial.lines);
	uint32_t id;

	if (rc < 0)
		return rc;
	j->trial.open = false;
	if (rc > 0) {
		memcpy(j->accepted, path, j->trial.path_len + 1);
		j->found = true;
		return 0;
	}
	if (name_trial(j, j->trial.lines, path) < 0 || qun_dict_add(&j->rejected, qun_buf_span(&j->text), &id) < 0)
		return QUN_ENOMEM;
	j->st = j->trial.before;
	j->el = (struct qun_json_element){0};
	j->damage.open = false;
	j->last.depth = 0;
	return 0;
}

int qun_json_is_record(struct qun_json *j, size_t path_len, bool *record)
{
	bool lines = !j->st.depth;

	*record = false;
	if (path_len == QUN_NO_PATH)
		return 0;
	const char *path = qun_json_path(j, path_len);
	*record = j->trial.open && j->trial.path_len == path_len;
	if (j->found)
		*record = strcmp(path, j->accepted) == 0 || j->sink.named(j->sink.arg, path);
	if (*record || j->found || j->trial.open || (j->rejected.n >= TRIALS && !j->sink.named(j->sink.arg, path)))
		return 0;
	if (name_trial(j, lines, path) < 0)
		return QUN_ENOMEM;
	if (qun_dict_find(&j->rejected, qun_buf_span(&j->text)) != QUN_NONE)
		return 0;
	*record = j->trial.open = true;
	j->trial.looked = false;
	j->trial.lines = lines;
	j->trial.records = 0;
	j->trial.path_len = path_len;
	j->trial.before = j->st;
	return j->sink.trial(j->sink.arg);
}

/* Behind the string that begins at p, or end. */
static const char *string_end(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		p += *p == '\\' && p + 1 < end;
	return p < end ? p + 1 : end;
}

static bool next_is(const char *p, const char *end, char c)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p < end && *p == c;
}

/* Does an array of objects begin in these bytes of an object whose path some format reads? */
static bool holds_named(const struct qun_json *j, struct qun_span bytes)
{
	const char *p = bytes.ptr, *end = p + bytes.len, *next;
	char path[QUN_PATH_MAX_BYTES + 1];
	size_t base[NESTED] = {0}, depth = 0, len = 0;

	for (; p < end && depth < NESTED; p = next) {
		next = *p == '"' ? string_end(p, end) : p + 1;
		if (*p == '"' && depth && next_is(next, end, ':')) {
			size_t from = base[depth - 1], key = (size_t)(next - p) - 2;
			if (from + key + 1 > QUN_PATH_MAX_BYTES)
				return false;
			len = from + (from > 0);
			path[from] = '.';
			memcpy(path + len, p + 1, key);
			len += key;
		} else if (*p == '{' || *p == '[') {
			path[len] = '\0';
			if (*p == '[' && next_is(next, end, '{') && j->sink.named(j->sink.arg, path))
				return true;
			base[depth++] = len;
		} else if ((*p == '}' || *p == ']') && depth) {
			len = base[--depth];
		}
	}
	return false;
}

uint64_t qun_json_trial_left(const struct qun_json *j)
{
	uint64_t held = j->st.here.at - j->trial.before.here.at;

	return held < TRIAL_BYTES ? TRIAL_BYTES - held : held < j->conf.max_record ? j->conf.max_record - held : 1;
}

int qun_json_judge_late(struct qun_json *j)
{
	uint64_t held = j->st.here.at - j->trial.before.here.at;

	if (j->trial.records < TRIAL_RECORDS && held < TRIAL_BYTES)
		return 0;
	/* a first element that long is nobody's, unless there is no path or a format reads arrays of it */
	if (!j->trial.records && held < j->conf.max_record &&
		(!j->trial.path_len || j->sink.named(j->sink.arg, qun_json_path(j, j->trial.path_len)))) {
		/* without a path it may be a document that is one object: what it holds tells */
		bool look = !j->trial.looked && !j->trial.path_len && j->el.open && !j->el.dropped;
		j->trial.looked = true;
		if (!look || !holds_named(j, qun_window_span(&j->win, j->el.from.at, j->st.here.at)))
			return 0;
	}
	return qun_json_judge(j);
}
