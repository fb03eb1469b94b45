/*
 * --stamp: lines above the table that say how it was made, so that the same input and options make it
 * again. The hash is SHA-256 of the bytes of each file as they lie there: sha256sum prints the same.
 */
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "common/tool.h"
#include "qun/utf8.h"

struct tool_stamp {
	struct sha256_ctx sha;
	struct qun_buf lines; /* one for each file read */
	bool failed;
};

void tool_stamp_take(struct tool *t, const char *file, struct qun_span bytes)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct tool_stamp *s = t->stamp;
	int rc;

	if (!s) {
		s = t->stamp = calloc(1, sizeof(*s));
		if (!s)
			return;
		sha256_init(&s->sha);
	}
	if (bytes.len) {
		sha256_update(&s->sha, bytes.len, (const uint8_t *)bytes.ptr);
		return;
	}
	sha256_digest(&s->sha, sizeof(digest), digest); /* and begins anew */
	rc = qun_buf_add_text(&s->lines, "# input ");
	if (rc == 0)
		rc = qun_utf8_show(&s->lines, qun_span_of(file));
	if (rc == 0)
		rc = qun_buf_add_text(&s->lines, " sha256 ");
	for (size_t i = 0; rc == 0 && i < sizeof(digest); i++)
		rc = qun_buf_printf(&s->lines, "%02x", digest[i]);
	if (rc == 0)
		rc = qun_buf_add_char(&s->lines, '\n');
	s->failed |= rc < 0;
}

void tool_stamp_release(struct tool *t)
{
	if (t->stamp)
		qun_buf_release(&t->stamp->lines);
	free(t->stamp);
	t->stamp = NULL;
}

/* Options that have another value than without being given. */
static int put_options(const struct tool *t, struct qun_buf *out)
{
	struct qun_buf value = {0};
	const struct qun_option *row;
	bool own;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (row = tool_row(t, i, &own)); i++) {
		if (strcmp(row->name, "tz") == 0 || tool_is_silent(row) || !tool_option_given(t, i, &value))
			continue;
		rc = qun_buf_printf(out, "# option %s", row->name);
		if (rc == 0 && row->type != QUN_OPT_FLAG)
			rc = qun_buf_add_char(out, ' ');
		if (rc == 0 && row->type != QUN_OPT_FLAG)
			rc = qun_utf8_show(out, qun_buf_span(&value));
		if (rc == 0)
			rc = qun_buf_add_char(out, '\n');
	}
	qun_buf_release(&value);
	return rc;
}

int tool_stamp(const struct tool *t, struct qun_buf *out)
{
	struct qun_engine_counts counts = qun_engine_counts(t->engine);
	int rc = qun_buf_printf(out, "# %s (quntools %s)\n", t->name, QUN_VERSION);

	if (rc == 0)
		rc = put_options(t, out);
	if (rc == 0)
		rc = qun_buf_printf(out, "# zone %s\n", qun_zone_name(t->zone));
	if (rc == 0 && counts.used + counts.filtered > 0) {
		rc = qun_buf_add_text(out, "# as-of ");
		if (rc == 0)
			rc = qun_time_format(out, t->zone, qun_as_of(qun_engine_ctx(t->engine)));
		if (rc == 0)
			rc = qun_buf_add_char(out, '\n');
	}
	if (t->stamp && t->stamp->failed)
		rc = QUN_ENOMEM;
	if (rc == 0 && t->stamp)
		rc = qun_buf_add_span(out, qun_buf_span(&t->stamp->lines));
	return rc;
}
