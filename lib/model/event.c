/* Events: the words of types and fields. */
#include "model/parts.h"

static const char *const type_names[QUN_NTYPES] = {
	[QUN_MESSAGE] = "message",
	[QUN_JOIN] = "join",
	[QUN_LEAVE] = "leave",
	[QUN_ORDER] = "order",
	[QUN_REFUND] = "refund",
	[QUN_SHARE] = "share",
	[QUN_CLICK] = "click",
	[QUN_VIEW] = "view",
	[QUN_REDPACKET] = "redpacket",
	[QUN_SIGNIN] = "signin",
	[QUN_REACTION] = "reaction",
	[QUN_SYSTEM] = "system",
};

static const struct {
	const char *word;
	enum qun_type type;
} synonyms[] = {
	{"quit", QUN_LEAVE},
	{"part", QUN_LEAVE},
	{"kick", QUN_LEAVE},
	{"action", QUN_MESSAGE},
	{"rename", QUN_SYSTEM},
	{"nick", QUN_SYSTEM},
	{"topic", QUN_SYSTEM},
	{"mode", QUN_SYSTEM},
};

static const char *const field_names[QUN_NFIELDS] = {
	[QUN_F_TS] = "ts",
	[QUN_F_GROUP] = "group",
	[QUN_F_USER] = "user",
	[QUN_F_NAME] = "name",
	[QUN_F_TYPE] = "type",
	[QUN_F_TEXT] = "text",
	[QUN_F_AMOUNT] = "amount",
	[QUN_F_ORDER_ID] = "order_id",
	[QUN_F_PRODUCT] = "product",
	[QUN_F_QTY] = "qty",
	[QUN_F_REF] = "ref",
	[QUN_F_SOURCE] = "source",
	[QUN_F_ROLE] = "role",
	[QUN_F_ID] = "id",
	[QUN_F_STATUS] = "status",
	[QUN_F_REFUND] = "refund",
};

/* Not strncasecmp, which follows the locale. */
static bool same_word(struct qun_span s, const char *lower)
{
	size_t i = 0;

	for (; i < s.len && lower[i]; i++) {
		char c = s.ptr[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != lower[i])
			return false;
	}
	return i == s.len && !lower[i];
}

enum qun_type qun_type_of(struct qun_span word)
{
	for (int i = 0; i < QUN_WORD; i++) {
		if (same_word(word, type_names[i]))
			return (enum qun_type)i;
	}
	for (size_t i = 0; i < sizeof(synonyms) / sizeof(*synonyms); i++) {
		if (same_word(word, synonyms[i].word))
			return synonyms[i].type;
	}
	return QUN_WORD;
}

const char *qun_type_name(enum qun_type type)
{
	return type_names[type];
}

int qun_field_of(struct qun_span name)
{
	for (int i = 0; i < QUN_NFIELDS; i++) {
		if (qun_span_is(name, field_names[i]))
			return i;
	}
	return -1;
}

const char *qun_field_name(int field)
{
	return field >= 0 && field < QUN_NFIELDS ? field_names[field] : NULL;
}

struct qun_span qun_event_text(const struct qun_event *ev, int field)
{
	if (field == QUN_F_USER)
		return qun_user_bare(ev->field[QUN_F_USER]);
	if (field < QUN_NFIELDS)
		return ev->field[field];
	return ev->extra ? ev->extra[field - QUN_F_EXTRA] : (struct qun_span){NULL, 0};
}
