/*
 * What the WeChat formats share: the parser of system sentences, and the room: who is in a file by
 * which names, with the membership sentences held back until all names are known.
 */
#ifndef QUN_TEXT_WECHAT_H
#define QUN_TEXT_WECHAT_H

#include "qun/format.h"
#include "text/jielong.h"
#include "input/wait.h"

enum qun_wechat_kind {
	QUN_WECHAT_UNKNOWN, QUN_WECHAT_JOIN, QUN_WECHAT_KICK, QUN_WECHAT_LEAVE, QUN_WECHAT_NOTICE,
	QUN_WECHAT_TOPIC, QUN_WECHAT_OWNER, QUN_WECHAT_SETTING, QUN_WECHAT_REVOKE, QUN_WECHAT_PAT,
	QUN_WECHAT_PACKET,  /* a red packet was sent */
	QUN_WECHAT_OPENED,  /* actor took the red packet of the target */
	QUN_WECHAT_TRANSFER, QUN_WECHAT_COLLECT, QUN_WECHAT_CARD
};

/* A person in a sentence; all empty where it names nobody. */
struct qun_wechat_who {
	struct qun_span id;   /* where the sentence carries it */
	struct qun_span name;
	bool self;            /* 你, 我, you: the exporting person */
};

/* Names known to be whole: they keep 张三、张姐 and Tom, Jr. together. */
struct qun_wechat_names {
	bool (*known)(const void *arg, struct qun_span name); /* NULL: none */
	const void *arg;
	bool ids; /* every name is written 昵称(id); else only wxid_… and …@openim count as an id */
	bool qq;  /* QQ's sentences, too: they have no quotes */
	bool by_name; /* ids that XML has beside names are no use */
};

/* A parsed sentence; spans are borrowed from the text. */
struct qun_wechat_event {
	enum qun_wechat_kind kind;
	const char *source;          /* joins: "qr", "invite", or "" where it does not say */
	struct qun_wechat_who actor; /* inviter, remover, owner of the code, who revoked or patted */
	/* targets: taken one by one with qun_wechat_next */
	bool self;
	bool one;             /* the list is a single name whatever it contains */
	struct qun_span list;
	const char *sep;      /* between names of the list */
	const char *tag;      /* the list is XML: elements to take; NULL: text */
};

/* Reads one sentence, plain or XML. What it does not understand is QUN_WECHAT_UNKNOWN. */
void qun_wechat_parse(struct qun_span text, const struct qun_wechat_names *names,
	struct qun_wechat_event *out);
/* Takes the next target; false when there is none left. */
bool qun_wechat_next(struct qun_wechat_event *e, const struct qun_wechat_names *names,
	struct qun_wechat_who *who);

/* The next element `tag` of *xml without CDATA marks; *xml goes on behind it. */
bool qun_xml_next(struct qun_span *xml, const char *tag, struct qun_span *inner);
struct qun_span qun_xml_first(struct qun_span xml, const char *tag); /* empty: none */
/* Content of <link name="word">; empty: none. */
struct qun_span qun_xml_link(struct qun_span xml, struct qun_span word);

/* What one file tells about people; the memory of a format, all-zero at first. */
struct qun_wechat_room {
	struct qun_dict ids;
	uint32_t *owner;     /* by number in hook->names: number in ids */
	size_t nowner, owner_cap;
	uint32_t self;       /* number in ids + 1; 0: not known */
	bool several_selves; /* the file contradicts itself: nobody is self */
	bool ids_in_text;    /* set by the format: names.ids */
	bool qq;             /* set by the format: names.qq */
	/* of a file that is one chat, see qun_wechat_group */
	struct qun_buf group, other;
	bool grouped, late;   /* late: it is told behind the messages, which wait for it */
	struct qun_wait wait;
	const char *const *group_rooms, *const *group_names;
	struct qun_wechat_held *held;
	size_t nheld, held_cap;
	struct qun_arena text; /* of held */
	struct qun_jielong_book chains;
};

/* A name under which id was seen. */
int qun_wechat_person(struct qun_hook *hook, struct qun_span id, struct qun_span name);
int qun_wechat_self(struct qun_hook *hook, struct qun_span id);
/*
 * The group of a row that does not name one, in a file that is one chat: the first of the header's
 * paths, of `rooms` only a …@chatroom. Where the header comes behind the messages, what
 * qun_wechat_said and _tell hand on waits for it; where there is none it is `other`, if any row had one.
 */
int qun_wechat_group(struct qun_hook *hook, struct qun_event *ev, const char *const *rooms,
	const char *const *names, struct qun_span other);
/* A system row: emits what it says, or holds it back where people must be found by name. */
int qun_wechat_tell(struct qun_hook *hook, struct qun_event *ev, struct qun_span text);
/* End of the file: emits what was held back. */
int qun_wechat_end(struct qun_hook *hook);
void qun_wechat_release(void *memory);

/* What a row is by its type; the sentence decides about system rows. */
enum qun_wechat_row {
	QUN_WECHAT_SAID, QUN_WECHAT_SENT_PACKET, QUN_WECHAT_PATTED, QUN_WECHAT_SYSTEM
};

/* Of WeChat's own numbers (1 text … 49 app message with a subtype, 10000 system). */
enum qun_wechat_row qun_wechat_row_of(struct qun_span type, struct qun_span subtype);
/* Of WeChat 4's numbers as well, which hold the subtype in their upper half. */
enum qun_wechat_row qun_wechat_row_packed(struct qun_span type);
/* Of the words that exporters have for it: 系统消息, 邀请加群, 红包 … */
enum qun_wechat_row qun_wechat_row_named(struct qun_span type);
/* Of ChatLab's numbers: 0 text … 20 red packet, 22 poke, 80 system, 81 recall. */
enum qun_wechat_row qun_chatlab_row_of(struct qun_span type);
bool qun_wechat_is_room(struct qun_span id); /* …@chatroom, …@im.chatroom */
/* 系统消息, 系统, 未知, "0" and group ids are no people. */
bool qun_wechat_phantom(struct qun_span sender);
/* The type of a row of a person, without a sender who is none. */
void qun_wechat_mark(struct qun_event *ev, enum qun_wechat_row row);
/* The same, and emits it; who takes part in the 接龙 that it may be is emitted at the end. */
int qun_wechat_said(struct qun_hook *hook, struct qun_event *ev, enum qun_wechat_row row);

#endif
