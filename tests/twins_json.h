/* JSON cut by the machine alone and picked by jansson, and with what is whole passing them by: see twins.h. */
#ifndef TESTS_TWINS_JSON_H
#define TESTS_TWINS_JSON_H

#include "input/cut.h"
#include "input/pick.h"
#include "qun/dict.h"

#include "twins.h"

enum { TWIN_COLUMNS = 1000 };

struct twin_json {
	struct twin twin;
	struct qun_cut_conf conf;
	bool fast;
	bool cells; /* of each record are compared, too */
	uint64_t portions; /* 0: all at once; else the seed of their sizes */
	size_t largest;    /* of them */
	struct qun_cutter *cutter;
	struct qun_picker *picker;
	struct qun_dict known; /* paths met in valid records */
	struct qun_cell_in cell[TWIN_COLUMNS]; /* of the record in hand, by number of their paths */
	struct qun_buf text;
	bool document;     /* the first record of the trial holds other records */
	struct twin trial; /* before it */
	size_t trial_text;
};

/* Some paths are wanted, some have more below. */
static inline struct qun_path twin_path(const struct twin_json *j, struct qun_span path)
{
	uint32_t id = qun_dict_find(&j->known, path);
	unsigned sum = 0;

	for (size_t i = 0; i < path.len; i++)
		sum = sum * 31 + (unsigned char)path.ptr[i];
	return (struct qun_path){sum % 3 && id < TWIN_COLUMNS ? (int)id : -1, path.len < 12 && sum % 4 < 2};
}

static inline bool twin_find_path(void *arg, struct qun_span path, struct qun_path *known)
{
	const struct twin_json *j = arg;

	*known = twin_path(j, path);
	return qun_dict_find(&j->known, path) != QUN_NONE;
}

static inline void twin_cells(struct twin_json *j)
{
	for (size_t i = 0; i < j->known.n && i < TWIN_COLUMNS; i++) {
		if (j->cell[i].kind == QUN_CELL_ABSENT)
			continue;
		twin_number(&j->twin, i);
		twin_number(&j->twin, j->cell[i].kind);
		twin_bytes(&j->twin, j->cell[i].s);
	}
}

static inline int twin_each(void *arg, struct qun_span path, const struct qun_cell_in *cell)
{
	struct twin_json *j = arg;
	uint32_t id;
	int rc = qun_dict_add(&j->known, path, &id), column = twin_path(j, path).column;

	if (column >= 0)
		j->cell[column] = *cell;
	return rc;
}

static inline bool twin_inside(void *arg, struct qun_span path)
{
	return twin_path(arg, path).inside;
}

static inline void twin_clear(struct twin_json *j)
{
	memset(j->cell, 0, (j->known.n < TWIN_COLUMNS ? j->known.n : TWIN_COLUMNS) * sizeof(*j->cell));
}

/* Reads an element, of which so many bytes may be looked at. */
static inline void twin_pick(struct twin_json *j, struct qun_span element, size_t readable)
{
	const struct qun_json_walk walk = {j, twin_each, twin_inside};
	struct qun_json_fault fault;

	if (qun_utf8_valid(element) < element.len)
		return;
	twin_clear(j);
	if (j->fast && qun_picker_pick(j->picker, element, readable, j->cell)) {
		twin_cells(j);
		return;
	}
	twin_clear(j);
	if (qun_json_check(element, &fault) < 0) {
		twin_word(&j->twin, fault.kind);
		twin_word(&j->twin, fault.why);
		twin_number(&j->twin, fault.line);
	} else {
		qun_json_paths(element, &walk, &j->text);
		twin_cells(j);
	}
}

static inline void twin_element(struct twin_json *j, uint64_t line, uint64_t offset, struct qun_span raw, size_t readable)
{
	j->twin.records++;
	twin_number(&j->twin, line);
	twin_number(&j->twin, offset);
	twin_bytes(&j->twin, raw);
	if (j->cells)
		twin_pick(j, raw, readable);
	twin_end(&j->twin);
}

static inline int twin_on_element(void *arg, const struct qun_record *rec)
{
	struct twin_json *j = arg;

	j->document |= memmem(rec->raw.ptr, rec->raw.len, "\"messages\"", 10) != NULL;
	twin_element(j, rec->line, rec->offset, rec->raw, rec->raw.len);
	return 0;
}

static inline int twin_on_elements(void *arg, const struct qun_batch *b)
{
	struct twin_json *j = arg;
	const char *end = b->bytes.ptr + b->bytes.len, *at = b->bytes.ptr;
	uint64_t line = b->line;

	j->twin.batched += b->n;
	qun_picker_look(j->picker, b->bytes, b->bytes.len);
	for (size_t i = 0; i < b->n; i++) {
		struct qun_span raw = {b->bytes.ptr + b->piece[i].from, b->piece[i].len};
		for (; at < raw.ptr; at++)
			line += *at == '\n';
		twin_element(j, line, b->offset + b->piece[i].from, raw, (size_t)(end - raw.ptr));
	}
	qun_picker_look(j->picker, (struct qun_span){NULL, 0}, 0);
	return b->n ? 0 : QUN_EDATA;
}

static inline int twin_on_damage(void *arg, struct qun_bad *bad)
{
	twin_bad(&((struct twin_json *)arg)->twin, bad);
	return 0;
}

static inline int twin_on_trial(void *arg)
{
	struct twin_json *j = arg;

	j->trial = j->twin;
	j->trial_text = j->twin.text ? j->twin.text->len : 0;
	j->document = false;
	return 0;
}

static inline int twin_on_judge(void *arg, const char *path, bool lines)
{
	struct twin_json *j = arg;

	if (j->document) {
		j->twin = j->trial;
		if (j->twin.text)
			j->twin.text->len = j->trial_text;
		return 0;
	}
	twin_word(&j->twin, path);
	twin_number(&j->twin, lines);
	j->cutter->fast = j->fast;
	return 1;
}

static inline bool twin_on_named(void *arg, const char *path)
{
	(void)arg;
	return strcmp(path, "messages") == 0 || strcmp(path, "chats.list.messages") == 0;
}

static inline size_t twin_portion(struct twin_json *j, size_t left)
{
	if (!j->portions)
		return left;
	j->portions = j->portions * UINT64_C(6364136223846793005) + 1442695040888963407u;
	size_t n = 1 + (size_t)(j->portions >> 33) % j->largest;
	return n < left ? n : left;
}

static inline void twin_cut(struct twin_json *j, struct qun_span bytes)
{
	const struct qun_cut_sink sink = {j, twin_on_element, twin_on_elements, twin_on_damage, twin_on_trial, twin_on_judge,
		twin_on_named, NULL};
	const struct qun_picker_conf conf = {.lane = j->conf.lane, .max_text = SIZE_MAX, .arg = j, .path = twin_find_path};
	struct qun_header *header = qun_header_open();
	struct qun_err err = {0};
	size_t left = 0, end = 0;
	int rc = 0;

	if (!header || qun_picker_open(&j->picker, &conf) < 0 || qun_json_open(&j->cutter, &j->conf, &sink, header) < 0)
		abort();
	while (rc == 0 && end < bytes.len) {
		size_t begin = end - left;
		end += twin_portion(j, bytes.len - end);
		/* a copy of its own, so that a look beyond it shows */
		char *copy = malloc(end - begin);
		if (!copy)
			abort();
		memcpy(copy, bytes.ptr + begin, end - begin);
		rc = j->cutter->feed(j->cutter, (struct qun_span){copy, end - begin}, &err);
		left = j->cutter->left;
		free(copy);
	}
	if (rc == 0)
		rc = j->cutter->finish(j->cutter, (struct qun_span){bytes.ptr + bytes.len - left, left}, &err);
	twin_number(&j->twin, (uint64_t)rc);
	j->cutter->close(j->cutter);
	qun_picker_close(j->picker);
	qun_dict_release(&j->known);
	qun_buf_release(&j->text);
	qun_header_close(header);
}

/* Do both say the same? Shows where they do not. */
static inline bool twins_agree(struct twin_json conf, struct qun_span bytes, struct twin *fast)
{
	struct twin_json slow = conf, quick = conf;
	struct qun_buf text[2] = {{0}, {0}};

	slow.portions = 0;
	quick.fast = true;
	twin_cut(&slow, bytes);
	twin_cut(&quick, bytes);
	*fast = quick.twin;
	if (quick.twin.hash == slow.twin.hash)
		return true;
	slow = quick = conf;
	slow.portions = 0;
	quick.fast = true;
	slow.twin.text = &text[0];
	quick.twin.text = &text[1];
	twin_cut(&slow, bytes);
	twin_cut(&quick, bytes);
	printf("# lane %s\n", qun_lane_name(conf.conf.lane));
	twin_show(stdout, &text[0], &text[1]);
	qun_buf_release(&text[0]);
	qun_buf_release(&text[1]);
	return false;
}

#endif
