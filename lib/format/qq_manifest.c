/*
 * The manifest beside the chunks of a QQ chat by qq-chat-exporter: it lists files and holds no messages,
 * but knows whose chat they are.
 */
#include "qun/format.h"

static const struct qun_mapping map[] = {
	{NULL, 0},
};

static const char *const arrays[] = {"chunked.chunks", "chunks", NULL};

static int recognise(const struct qun_sample *s)
{
	return s->container == QUN_JSON && qun_span_ends(qun_span_of(s->array), "chunks") &&
			(qun_sample_column(s, "relativePath") >= 0 ||
				qun_header_get(s->header, "chunked.format").len ||
				qun_header_get(s->header, "chatInfo.name").len) ?
		95 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	(void)ev;
	hook->part = true;
	return 0;
}

const struct qun_format qun_format_qq_manifest = {
	.name = "qq-manifest",
	.brief = "manifest of a QQ chat in chunks: names the chat of the files read after it",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.array = arrays,
	.timeless = true,
	.folder = true,
	.event = event,
};
