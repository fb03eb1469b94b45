/*
 * The walk over one element. It takes nothing but what jansson surely takes; NULL and false mean that
 * jansson has to be asked. The element's last byte is a bracket, which ends blanks, numbers and words,
 * so that only strings and leads may reach behind it: into the room there, and not twice.
 */
LANE_INLINE const char *LANE(blanks_end)(const char *p)
{
	uint64_t inks;

	if ((unsigned char)*p > ' ')
		return p;
	if (*p == ' ' && (unsigned char)p[1] > ' ')
		return p + 1;
	for (; !(inks = LANE(chunk_inks)(p)); p += LANE(chunk))
		continue;
	return p + LANE(chunk_at)(inks);
}

LANE_INLINE const char *LANE(digits_end)(const char *p)
{
	uint64_t others;

	for (; !(others = LANE(chunk_others)(p)); p += LANE(chunk))
		continue;
	return p + LANE(chunk_at)(others);
}

/* Numbers that surely fit: 18 digits, and no more of them in the exponent than two. */
LANE_INLINE const char *LANE(number_end)(const char *p)
{
	const char *first = p + (*p == '-'), *end = LANE(digits_end)(first), *more;
	size_t digits = (size_t)(end - first);

	if (digits - 1 > 17 || (*first == '0' && digits > 1))
		return NULL;
	if (*end == '.') {
		more = LANE(digits_end)(end + 1);
		if (more == end + 1)
			return NULL;
		end = more;
	}
	if ((*end | 0x20) == 'e') {
		end++;
		end += *end == '+' || *end == '-';
		more = LANE(digits_end)(end);
		if (more == end || more > end + 2)
			return NULL;
		end = more;
	}
	return end - p > QUN_NUMBER_MAX_BYTES ? NULL : end;
}

/* Notes what ends texts in the bytes to be looked at, and that behind them everything does. */
LANE_ENTRY void LANE(look)(struct qun_picker *w)
{
	const char *p = w->looked.ptr, *end = p + w->looked.len;
	char *to = w->stop;

	for (; p <= end; p += QUN_BLOCK, to += sizeof(uint64_t))
		chunk_put_word(to, LANE(chunk_block_stops)(block_load(p)));
	chunk_put_word(to, ~UINT64_C(0));
}

/* What ends texts among the bytes from `at` on; of at least 57 of them all is known. */
LANE_INLINE uint64_t LANE(stops)(const struct qun_picker *w, size_t at)
{
	return chunk_word(w->stop + at / 8) >> at % 8;
}

/* The closing quote of the string whose text begins at p. */
LANE_INLINE const char *LANE(string_end)(const struct qun_picker *w, const char *p, bool *escaped)
{
	for (;;) {
		uint64_t stops = LANE(stops)(w, (size_t)(p - w->looked.ptr));
		if (!stops) {
			p += 57;
			if (p >= w->end)
				return NULL;
			continue;
		}
		p += block_first(stops);
		if (*p == '"')
			return p;
		p = *p == '\\' ? qun_picker_escape(p, w->end) : NULL;
		if (!p)
			return NULL;
		*escaped = true;
	}
}

/* Behind a word that is no string, number or bracket. */
LANE_INLINE const char *LANE(word_end)(const char *p)
{
	if (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0)
		return p + 4;
	return memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
}

LANE_ENTRY const char *LANE(skip_value)(const struct qun_picker *w, const char *p, int depth);

/* The value behind a key that nobody wants; its name must be new in the object. */
LANE_INLINE const char *LANE(skip_key)(const struct qun_picker *w, const char *p, struct qun_span *key, size_t n)
{
	bool escaped = false;
	const char *end = *p == '"' ? LANE(string_end)(w, p + 1, &escaped) : NULL;

	if (!end || escaped || n == QUN_PICK_KEYS || end >= w->end)
		return NULL;
	key[n] = (struct qun_span){p + 1, (size_t)(end - p - 1)};
	for (size_t i = 0; i < n; i++) {
		if (key[i].len == key[n].len && memcmp(key[i].ptr, key[n].ptr, key[n].len) == 0)
			return NULL;
	}
	end = LANE(blanks_end)(end + 1);
	return *end == ':' ? LANE(blanks_end)(end + 1) : NULL;
}

/* Each returns with the byte behind the value, which is still the element's. */
LANE_ENTRY const char *LANE(skip_object)(const struct qun_picker *w, const char *p, int depth)
{
	struct qun_span key[QUN_PICK_KEYS];
	size_t n = 0;

	p = LANE(blanks_end)(p + 1);
	while (*p != '}') {
		p = LANE(skip_key)(w, p, key, n++);
		p = p ? LANE(skip_value)(w, p, depth) : NULL;
		if (!p)
			return NULL;
		p = LANE(blanks_end)(p);
		if (*p == '}')
			break;
		p = *p == ',' ? LANE(blanks_end)(p + 1) : NULL;
		if (!p || *p == '}')
			return NULL;
	}
	return p + 1 < w->end ? p + 1 : NULL;
}

LANE_ENTRY const char *LANE(skip_array)(const struct qun_picker *w, const char *p, int depth)
{
	p = LANE(blanks_end)(p + 1);
	while (*p != ']') {
		p = LANE(skip_value)(w, p, depth);
		if (!p)
			return NULL;
		p = LANE(blanks_end)(p);
		if (*p == ']')
			break;
		p = *p == ',' ? LANE(blanks_end)(p + 1) : NULL;
		if (!p || *p == ']')
			return NULL;
	}
	return p + 1;
}

LANE_ENTRY const char *LANE(skip_value)(const struct qun_picker *w, const char *p, int depth)
{
	bool escaped = false;

	switch (*p) {
	case '"':
		p = LANE(string_end)(w, p + 1, &escaped);
		return p && p < w->end ? p + 1 : NULL;
	case '{': return depth < QUN_PICK_DEPTH ? LANE(skip_object)(w, p, depth + 1) : NULL;
	case '[': return depth < QUN_PICK_DEPTH ? LANE(skip_array)(w, p, depth + 1) : NULL;
	case 't':
	case 'f':
	case 'n': return LANE(word_end)(p);
	default: return LANE(number_end)(p);
	}
}

/* Where the text of the next value begins, or the object ends, read byte by byte and learned. */
LANE_APART const char *LANE(read_key)(struct qun_picker *w, const char *p, struct qun_key *of, struct qun_place *at,
	struct qun_key **key)
{
	const char *from = p, *end;
	bool escaped = false, first = at == &of->begin;

	*key = NULL;
	if (p >= w->end)
		return NULL;
	p = LANE(blanks_end)(first ? p + 1 : p);
	if (*p == '}') {
		qun_picker_learn(at, (struct qun_span){from, (size_t)(p + 1 - from)}, NULL);
		return p + 1;
	}
	if (!first && *p != ',')
		return NULL;
	p = first ? p : LANE(blanks_end)(p + 1);
	end = *p == '"' ? LANE(string_end)(w, p + 1, &escaped) : NULL;
	if (!end || escaped || end >= w->end)
		return NULL;
	struct qun_span name = {p + 1, (size_t)(end - p - 1)};
	p = LANE(blanks_end)(end + 1);
	if (*p != ':')
		return NULL;
	p = LANE(blanks_end)(p + 1);
	p += *p == '"';
	*key = qun_picker_key(w, of, name);
	if (!*key)
		return NULL;
	qun_picker_learn(at, (struct qun_span){from, (size_t)(p - from)}, *key);
	return p;
}

LANE_ENTRY const char *LANE(pick_object)(struct qun_picker *w, const char *p, struct qun_key *of, int depth);

/* Member by member: as one value it would be put together elsewhere and wait to be copied. */
LANE_INLINE void LANE(put_cell)(struct qun_cell_in *to, const char *from, size_t len, enum qun_cell_kind kind)
{
	to->s.ptr = from;
	to->s.len = len;
	to->kind = kind;
}

/* Any string whose text begins at p. */
LANE_APART const char *LANE(pick_text)(struct qun_picker *w, const char *p, const struct qun_key *key)
{
	bool escaped = false;
	const char *end = LANE(string_end)(w, p, &escaped);

	if (!end || (size_t)(end - p) > w->conf.max_text)
		return NULL;
	if (key->is.column >= 0) {
		struct qun_cell_in *to = &w->cell[key->is.column];
		LANE(put_cell)(to, p, (size_t)(end - p), QUN_CELL_TEXT);
		if (escaped && !qun_picker_unescape(w, &to->s))
			return NULL;
	}
	return end + 1;
}

/* The end of a value of that shape; NULL where it has another one. Its keys are what they were, so none of them
 * comes twice. */
LANE_INLINE const char *LANE(shape_end)(const struct qun_picker *w, const char *p, const struct qun_shape *s)
{
	bool escaped = false;

	for (unsigned i = 0; i < s->n; i++) {
		if (!LANE(chunk_leads)(p, s->lead[i], s->len[i]))
			return NULL;
		p += s->len[i];
		if (i + 1 == s->n)
			return p < w->end ? p : NULL;
		p = p < w->end ? LANE(string_end)(w, p, &escaped) : NULL;
		if (!p || ++p >= w->end)
			return NULL;
	}
	return NULL;
}

/* An object or array that nobody looks into: most are like one of the last two of their key. */
LANE_APART const char *LANE(skip_alike)(struct qun_picker *w, const char *p, struct qun_key *key, int depth)
{
	const char *end = NULL;

	for (int i = 0; key->shape && !end && i < 2; i++)
		end = LANE(shape_end)(w, p, &key->shape[i]);
	if (end)
		return end;
	end = LANE(skip_value)(w, p, depth);
	if (end && end < w->end)
		qun_picker_shape(w, key, (struct qun_span){p, (size_t)(end - p)});
	return end;
}

/* Any value but a string. */
LANE_INLINE const char *LANE(pick_value)(struct qun_picker *w, const char *p, struct qun_key *key, int depth)
{
	enum qun_cell_kind kind = QUN_CELL_NUMBER;
	const char *from = p;

	if (*p <= '9') {
		p = LANE(number_end)(p);
	} else if (*p == '{' || *p == '[') {
		kind = QUN_CELL_JSON;
		if (*p == '{' && key->is.inside && depth < QUN_PICK_DEPTH)
			p = LANE(pick_object)(w, p, key, depth + 1);
		else
			p = LANE(skip_alike)(w, p, key, depth);
	} else {
		kind = *p == 'n' ? QUN_CELL_NULL : QUN_CELL_BOOL;
		p = LANE(word_end)(p);
	}
	if (p && key->is.column >= 0)
		LANE(put_cell)(&w->cell[key->is.column], from, (size_t)(p - from), kind);
	return p;
}

/* A value that is no string, unless its lead was learned where one without a blank or quote followed. */
LANE_APART const char *LANE(pick_any)(struct qun_picker *w, const char *p, struct qun_key *key, int depth)
{
	if ((unsigned char)*p > '"')
		return LANE(pick_value)(w, p, key, depth);
	p = LANE(blanks_end)(p);
	return *p == '"' ? LANE(pick_text)(w, p + 1, key) : LANE(pick_value)(w, p, key, depth);
}

/* Is this the first value of its key in the object, and still of the element? */
LANE_INLINE bool LANE(meet)(const struct qun_picker *w, const char *p, struct qun_key *key, uint64_t object)
{
	if (p >= w->end || key->seen == object)
		return false;
	key->seen = object;
	return true;
}

/*
 * One string's end leads to the next one's, and how long that takes is how long all takes. So what a place is
 * the sum of is added up in an order in which the length of the text, known last, comes last.
 */
LANE_ENTRY const char *LANE(pick_object)(struct qun_picker *w, const char *p, struct qun_key *of, int depth)
{
	uint64_t object = ++w->objects;
	struct qun_place *at = &of->begin;
	size_t len = 0; /* of the text behind p that is read already */

	for (;;) {
		const struct qun_edge *edge = &at->edge[0];
		struct qun_key *key;
		size_t place; /* of p in what was looked at */
		bool string;
		if (!LANE(chunk_leads)(p + len, edge->lead, edge->len))
			edge++;
		if (edge == &at->edge[0] || LANE(chunk_leads)(p + len, edge->lead, edge->len)) {
			p += edge->len;
			place = (size_t)(p - w->looked.ptr);
			BLOCK_KEEP(place);
			place += len;
			p += len;
			key = edge->key;
			string = edge->string;
		} else {
			struct qun_key *read; /* in memory, as the one that comes and goes in the loop is not */
			p = LANE(read_key)(w, p + len, of, at, &read);
			key = read;
			string = p && p[-1] == '"';
			place = p ? (size_t)(p - w->looked.ptr) : 0;
		}
		if (!key)
			return p && p <= w->end ? p : NULL;
		if (!LANE(meet)(w, p, key, object))
			return NULL;
		len = string ? block_first(LANE(stops)(w, place)) : 0;
		if (string && len <= w->near && p[len] == '"') {
			if (key->is.column >= 0)
				LANE(put_cell)(&w->cell[key->is.column], p, len, QUN_CELL_TEXT);
			p++;
		} else {
			p = string ? LANE(pick_text)(w, p, key) : LANE(pick_any)(w, p, key, depth);
			len = 0;
		}
		if (!p)
			return NULL;
		at = &key->after;
	}
}

LANE_ENTRY const char *LANE(sure)(const struct qun_picker *w)
{
	return LANE(skip_value)(w, w->from, 0);
}

LANE_ENTRY bool LANE(pick)(struct qun_picker *w)
{
	return LANE(pick_object)(w, w->from, &w->root, 0) == w->end;
}
