/* What the picker knows of keys, and the parts of its walk that are rare. */
#include "input/picker.h"

#include "qun/utf8.h"

#include <stdlib.h>

#define QUN_LANE_BODY "input/picker_lane.h"
#include "core/lanes.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The code unit of a \u escape, all bytes of which are there; negative where it is none. */
static int code_unit(const char *p)
{
	int unit = 0;

	if (p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int digit = hex_digit(p[i]);
		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

const char *qun_picker_escape(const char *p, const char *end)
{
	int high, low;

	if (end - p < 2)
		return NULL;
	if (p[1] != 'u')
		return p[1] && strchr("\"\\/bfnrt", p[1]) ? p + 2 : NULL;
	high = end - p >= 6 ? code_unit(p) : -1;
	if (high <= 0 || (high >= 0xdc00 && high < 0xe000))
		return NULL;
	if (high < 0xd800 || high >= 0xe000)
		return p + 6;
	low = end - p >= 12 ? code_unit(p + 6) : -1;
	return low >= 0xdc00 && low < 0xe000 ? p + 12 : NULL;
}

bool qun_picker_unescape(struct qun_picker *p, struct qun_span *text)
{
	size_t from = p->unescaped.len;

	/* texts of one element are no longer than it, so they never move */
	if (!from && qun_buf_reserve(&p->unescaped, (size_t)(p->end - p->from)) < 0)
		return false;
	if (qun_json_unescape(&p->unescaped, *text) < 0)
		return false;
	p->holds = true;
	*text = (struct qun_span){p->unescaped.ptr + from, p->unescaped.len - from};
	return true;
}

void qun_picker_learn(struct qun_place *at, struct qun_span lead, struct qun_key *key)
{
	struct qun_edge edge = {.len = (uint32_t)lead.len, .key = key};

	if (lead.len > sizeof(edge.lead))
		return;
	memcpy(edge.lead, lead.ptr, lead.len);
	edge.string = key && edge.lead[lead.len - 1] == '"';
	at->edge[1] = at->edge[0];
	at->edge[0] = edge;
}

/* Puts one more lead into the shape; false where it has no room. */
static bool add_lead(struct qun_shape *s, const char *from, const char *to)
{
	size_t len = (size_t)(to - from);

	if (s->n == QUN_SHAPE_LEADS || len > QUN_LEAD)
		return false;
	memcpy(s->lead[s->n], from, len);
	s->len[s->n++] = (uint32_t)len;
	return true;
}

void qun_picker_shape(struct qun_picker *p, struct qun_key *key, struct qun_span value)
{
	const char *from = value.ptr, *end = value.ptr + value.len, *at = from, *text, *close;
	struct qun_shape s = {0};

	if (value.len > QUN_SHAPE_BYTES)
		return;
	while ((at = memchr(at, '"', (size_t)(end - at)))) {
		text = at + 1;
		for (close = text; *close != '"'; close++)
			close += *close == '\\';
		for (at = close + 1; (unsigned char)*at <= ' '; at++)
			continue;
		if (*at == ':')
			continue;
		if (!add_lead(&s, from, text))
			return;
		from = close + 1;
	}
	if (!add_lead(&s, from, end))
		return;
	if (!key->shape) {
		if (!(key->shape = qun_arena_alloc(&p->keys, 2 * sizeof(s))))
			return;
		key->shape[0] = (struct qun_shape){0};
	}
	key->shape[1] = key->shape[0];
	key->shape[0] = s;
}

/* Leads nowhere: no text begins with it, for it is no UTF-8. */
static struct qun_place no_place(void)
{
	struct qun_place at = {0};

	at.edge[0].lead[0] = at.edge[1].lead[0] = '\xff';
	at.edge[0].len = at.edge[1].len = 1;
	return at;
}

/* A key met for the first time, if its path is known to those who map it. */
static struct qun_key *add_key(struct qun_picker *p, struct qun_span ident, struct qun_key *of, struct qun_span name)
{
	char path[QUN_PATH_MAX_BYTES];
	size_t len = of->path.len, n = p->names.n;
	struct qun_path known;
	struct qun_key *key;
	uint32_t id;

	if (len + (len > 0) + name.len >= sizeof(path))
		return NULL;
	memcpy(path, of->path.ptr, len);
	if (len)
		path[len++] = '.';
	memcpy(path + len, name.ptr, name.len);
	struct qun_span text = {path, len + name.len};
	if (!p->conf.path(p->conf.arg, text, &known))
		return NULL;
	key = qun_arena_alloc(&p->keys, sizeof(*key));
	text.ptr = qun_arena_copy(&p->keys, text);
	if (!key || !text.ptr || qun_grow(&p->key, &p->key_cap, n, sizeof(struct qun_key *)) < 0 ||
		qun_dict_add(&p->names, ident, &id) < 0)
		return NULL;
	*key = (struct qun_key){.is = known, .after = no_place(), .begin = no_place(), .of = of, .path = text,
		.name = {text.ptr + len, name.len}};
	p->key[id] = key;
	return key;
}

/* A place in the cache by a few bytes; which ones does not matter, for all are compared there. */
static struct qun_key **cached_at(struct qun_picker *p, const struct qun_key *of, struct qun_span name)
{
	uint32_t low = 0, high = 0;
	uint64_t mix;

	if (name.len >= sizeof(low)) {
		memcpy(&low, name.ptr, sizeof(low));
		memcpy(&high, name.ptr + name.len - sizeof(high), sizeof(high));
	} else if (name.len) {
		low = (unsigned char)name.ptr[0] | (uint32_t)(unsigned char)name.ptr[name.len - 1] << 8;
	}
	mix = ((low | (uint64_t)high << 32) ^ (uint64_t)(uintptr_t)of ^ (uint64_t)name.len << 24) * 0x9e3779b97f4a7c15u;
	return &p->cache[mix >> 56];
}

struct qun_key *qun_picker_key(struct qun_picker *p, struct qun_key *of, struct qun_span name)
{
	char ident[sizeof(of) + QUN_PATH_MAX_BYTES];
	struct qun_key **cached = cached_at(p, of, name), *key;
	uint32_t id;

	if (name.len >= QUN_PATH_MAX_BYTES)
		return NULL;
	if (*cached && (*cached)->of == of && qun_span_eq((*cached)->name, name))
		return *cached;
	memcpy(ident, &of, sizeof(of));
	memcpy(ident + sizeof(of), name.ptr, name.len);
	struct qun_span all = {ident, sizeof(of) + name.len};
	id = qun_dict_find(&p->names, all);
	key = id == QUN_NONE ? add_key(p, all, of, name) : p->key[id];
	if (key)
		*cached = key;
	return key;
}

/* The walk may look a little beyond the element: where there is nothing, at a copy. */
static bool make_room(struct qun_picker *p, struct qun_span *element)
{
	qun_buf_clear(&p->copy);
	if (qun_buf_reserve(&p->copy, element->len + QUN_PICK_ROOM) < 0)
		return false;
	memcpy(p->copy.ptr, element->ptr, element->len);
	memset(p->copy.ptr + element->len, 0, QUN_PICK_ROOM);
	element->ptr = p->copy.ptr;
	return true;
}

/* false: no memory. Room is needed behind the bytes. */
static bool look(struct qun_picker *p, struct qun_span bytes)
{
	size_t blocks = bytes.len / QUN_BLOCK + 1;

	p->looked = (struct qun_span){NULL, 0};
	/* and one more, for what is read at once from the last one on */
	if (qun_grow(&p->stop, &p->stop_cap, (blocks + 1) * sizeof(uint64_t), 1) < 0)
		return false;
	p->looked = bytes;
	p->look(p);
	return true;
}

void qun_picker_look(struct qun_picker *p, struct qun_span bytes, size_t readable)
{
	p->looked = (struct qun_span){NULL, 0};
	if (readable < QUN_PICK_ROOM)
		return;
	if (bytes.len > readable - QUN_PICK_ROOM)
		bytes.len = readable - QUN_PICK_ROOM;
	look(p, bytes);
}

static bool is_looked(const struct qun_picker *p, struct qun_span element)
{
	size_t at = (size_t)(element.ptr - p->looked.ptr);

	return p->looked.ptr && at < p->looked.len && element.len <= p->looked.len - at;
}

static inline bool walk(struct qun_picker *p, struct qun_span element, struct qun_cell_in *cell)
{
	p->from = element.ptr;
	p->end = element.ptr + element.len;
	p->cell = cell;
	qun_buf_clear(&p->unescaped);
	return p->pick(p);
}

/* An element that was not looked at with others, or has no room behind it: when it has been picked, its bytes
 * may change. Out of line, as few are. */
static __attribute__((noinline)) bool pick_alone(struct qun_picker *p, struct qun_span element, size_t readable,
	struct qun_cell_in *cell)
{
	bool taken;

	p->holds = readable - element.len < QUN_PICK_ROOM;
	taken = (!p->holds || make_room(p, &element)) && look(p, element) && walk(p, element, cell);
	p->looked = (struct qun_span){NULL, 0};
	return taken;
}

bool qun_picker_pick(struct qun_picker *p, struct qun_span element, size_t readable, struct qun_cell_in *cell)
{
	if (element.len < 2 || element.ptr[0] != '{' || element.ptr[element.len - 1] != '}')
		return false;
	p->holds = false;
	return is_looked(p, element) ? walk(p, element, cell) : pick_alone(p, element, readable, cell);
}

bool qun_picker_holds(const struct qun_picker *p)
{
	return p->holds;
}

bool qun_json_sure(struct qun_span json, enum qun_lane lane)
{
	static const char *(*const sure[QUN_LANES])(const struct qun_picker *p) = QUN_LANE_TABLE(sure);
	static void (*const looks[QUN_LANES])(struct qun_picker *p) = QUN_LANE_TABLE(look);
	struct qun_picker p = {.look = looks[qun_lane_of(lane)]};
	const char *end;
	bool taken;

	if (!json.len || (*json.ptr != '{' && *json.ptr != '[') || qun_utf8_valid_by(json, lane) < json.len ||
		!make_room(&p, &json))
		return false;
	end = json.ptr + json.len;
	/* the room behind it ends all texts, too, and so that the last bracket stands before the end */
	p.from = json.ptr;
	p.end = end + 1;
	taken = look(&p, json) && sure[qun_lane_of(lane)](&p) == end;
	qun_buf_release(&p.copy);
	free(p.stop);
	return taken;
}

int qun_picker_open(struct qun_picker **picker, const struct qun_picker_conf *conf)
{
	static bool (*const pick[QUN_LANES])(struct qun_picker *p) = QUN_LANE_TABLE(pick);
	static void (*const looks[QUN_LANES])(struct qun_picker *p) = QUN_LANE_TABLE(look);
	struct qun_picker *p = calloc(1, sizeof(*p));

	if (!p)
		return QUN_ENOMEM;
	p->conf = *conf;
	p->near = conf->max_text < QUN_BLOCK - 2 ? conf->max_text : QUN_BLOCK - 2;
	p->pick = pick[qun_lane_of(conf->lane)];
	p->look = looks[qun_lane_of(conf->lane)];
	p->root = (struct qun_key){.after = no_place(), .begin = no_place(), .path = {"", 0}};
	*picker = p;
	return 0;
}

void qun_picker_close(struct qun_picker *p)
{
	if (!p)
		return;
	free(p->key);
	free(p->stop);
	qun_dict_release(&p->names);
	qun_arena_release(&p->keys);
	qun_buf_release(&p->unescaped);
	qun_buf_release(&p->copy);
	free(p);
}
