/* Options of the programs that are no metrics: all programs see them, for one settings file serves all. */
#include <stddef.h>

#include "chat-cat/cat.h"

#define AT(field) offsetof(struct cat, field)

const struct qun_option tool_chat_cat_rows[] = {
	{"check", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		N_("print what is in the input, and which questions it can answer"), AT(check_only), false},
	{"list-formats", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("print the formats that are read, and exit"), AT(list_formats), false},
	{"sort-time", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		N_("write events in order of time, however many there are"), AT(sort_time), false},
	{"drop-text", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("leave the text of messages out"), AT(drop_text), false},
	{"pseudonymise", 0, QUN_OPT_TEXT, "KEYFILE", NULL, NULL, 0, 0,
		N_("replace people by keyed hashes of their ids and names"), AT(keyfile), false},
	{"buffer", 0, QUN_OPT_INT, "MIB", "64", NULL, 1, 1e6,
		N_("keep at most this much of the events in memory, the rest in TMPDIR"), AT(buffer), false},
	{0},
};

const char tool_chat_cat_brief[] = N_("any chat export or order list in, one clean stream of events out");

const char *const tool_chat_cat_examples[] = {
	N_("chat-cat chat.json > events.csv                      # canonical CSV, for any program"),
	N_("chat-cat --check chat.json orders.csv                # what is it, and what can it answer?"),
	N_("chat-cat --pseudonymise key --sort-time *.csv | gzip # to give away"),
	NULL,
};

const struct qun_option *const tool_others[] = {tool_chat_cat_rows, NULL};
