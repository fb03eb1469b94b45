/*
 * What share of the members is active, period by period and group by group?
 *
 *     activity-rate chat.json
 *     activity-rate --period week --talk chat.json
 *     activity-rate --last 7d --alert "rate<0.12" chat.json
 */
#include "common/tool.h"

QUN_TOOL(qun_metric_activity_rate)
