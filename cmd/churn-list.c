/*
 * Whom to win back, whom to clean out?
 *
 *     churn-list --silent 30d chat.json
 *     churn-list --winback chat.json orders.csv --alias people.csv
 *     churn-list --cleanup --roster members.csv chat.json
 */
#include "common/tool.h"

QUN_TOOL(qun_metric_churn_list)
