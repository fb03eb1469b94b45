/*
 * Which arrays hold the records? An array of objects that nobody has judged yet is read as if it did,
 * until enough of it is there to be judged by those who know formats; if it holds other things it is
 * read again as what it is.
 */
#include "input/json.h"

#include <string.h>

enum { TRIAL_BYTES = 1 << 20, TRIAL_RECORDS = 1000, TRIALS = 64 };

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
	j->trial.lines = lines;
	j->trial.records = 0;
	j->trial.path_len = path_len;
	j->trial.before = j->st;
	return j->sink.trial(j->sink.arg);
}

int qun_json_judge_late(struct qun_json *j)
{
	uint64_t held = j->st.here.at - j->trial.before.here.at;

	if (j->trial.records < TRIAL_RECORDS && held < TRIAL_BYTES)
		return 0;
	/* a first element that long is nobody's, unless there is no path or a format reads arrays of it */
	if (!j->trial.records && held < j->conf.max_record &&
		(!j->trial.path_len || j->sink.named(j->sink.arg, qun_json_path(j, j->trial.path_len))))
		return 0;
	return qun_json_judge(j);
}
