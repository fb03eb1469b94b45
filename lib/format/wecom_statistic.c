/* WeCom's statistics of customer groups (群聊数据统计): sums of all groups by day, and no people in them. */
#include "qun/format.h"

static int recognise(const struct qun_sample *s)
{
	return s->container == QUN_JSON && qun_sample_column(s, "data.msg_total") >= 0 &&
			qun_sample_column(s, "data.member_total") >= 0 ?
		100 : 0;
}

const struct qun_format qun_format_wecom_statistic = {
	.name = "wecom-statistic",
	.brief = "WeCom statistics of customer groups: refused",
	.containers = QUN_JSON,
	.recognise = recognise,
	.refuse = "these are WeCom's statistics of groups (群聊数据统计), sums without people, from which no member "
		"can be known; take the message archive, the detail of each group or the change callbacks",
};
