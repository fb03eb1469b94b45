/*
 * Where do people drop on the way from one step to the next?
 *
 *     funnel --steps join,message,order chat.json orders.csv
 *     funnel --step join --step "talk=message" --window 3d chat.json
 *     funnel --steps join,message --list 2:dropped chat.json
 */
#include "common/tool.h"

QUN_TOOL(qun_metric_funnel)
