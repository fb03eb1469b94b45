/*
 * Of the people born in a period, how many return k periods later?
 *
 *     cohort-retention chat.json
 *     cohort-retention --period month --birth join --mode member chat.json
 *     cohort-retention --birth order --return order -o csv orders.csv
 */
#include "common/tool.h"

QUN_TOOL(qun_metric_cohort_retention)
