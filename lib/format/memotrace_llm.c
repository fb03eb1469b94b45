/* MemoTrace's JSON is made to train language models: shuffled, without times and senders. */
#include "qun/format.h"

static int recognise(const struct qun_sample *s)
{
	static const char *const turn[] = {"role", "content", NULL};

	if (s->container != QUN_JSON)
		return 0;
	/* the array of a whole file, or that of its first conversation */
	return (qun_sample_column(s, "conversations") >= 0 && qun_sample_column(s, "time") < 0) ||
			(qun_span_ends(qun_span_of(s->array), "conversations") && qun_sample_has(s, turn)) ?
		100 : 0;
}

const struct qun_format qun_format_memotrace_llm = {
	.name = "memotrace-llm",
	.brief = "MemoTrace (留痕) training data for language models: refused",
	.containers = QUN_JSON,
	.recognise = recognise,
	.refuse = "this is MemoTrace's training data for language models, which has neither times nor "
		"senders; export the chat as CSV instead",
};
