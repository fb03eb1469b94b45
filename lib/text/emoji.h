/* Emoji and line ends as the web client of WeChat writes them: HTML. */
#ifndef QUN_TEXT_EMOJI_H
#define QUN_TEXT_EMOJI_H

#include "qun/bytes.h"

/* Appends s with <span class="emoji emoji1f338"></span> as the emoji and <br/> as a line end. */
int qun_emoji_plain(struct qun_buf *out, struct qun_span s);

#endif
