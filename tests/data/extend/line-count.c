/*
 * How many messages did each group get?
 *
 *     line-count chat.json
 */
#include "common/tool.h"

QUN_TOOL(qun_metric_line_count)
