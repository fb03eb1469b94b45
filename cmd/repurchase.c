/*
 * How many buyers buy again, how soon, for how much?
 *
 *     repurchase orders.csv
 *     repurchase --period month --within 30,60,90 orders.csv
 *     repurchase --by product orders.csv
 */
#include "common/tool.h"

QUN_TOOL(qun_metric_repurchase)
