/*
 * churn-list: whom to win back, whom to clean out. A person is his orders and, for each group, what
 * rule R and activity say. The report holds one cell of facts for everyone who is or was a member
 * and one for each group; classes are given in the last step, when a group's own patience is known.
 */
#include <stddef.h>

#include "core/list.h"
#include "metric/churn_list/churn.h"

enum { MAX_SILENT_DAYS = 36500 };

static int parse_silent(struct churn_conf *c, struct qun_err *err)
{
	struct qun_span s = qun_span_of(c->silent);
	int64_t us;

	if (qun_span_is(s, "auto"))
		return 0;
	if (!qun_int_parse(s, &c->silent_days)) {
		if (qun_duration_parse(&us, c->silent, NULL) < 0 || us % QUN_DAY)
			us = 0;
		c->silent_days = us / QUN_DAY;
	}
	if (c->silent_days < 1 || c->silent_days > MAX_SILENT_DAYS)
		return qun_fail(err, QUN_EUSAGE,
			"--silent: cannot use '%s' (expected whole days such as 30d, or auto)",
			c->silent);
	return 0;
}

static int parse_classes(struct churn_conf *c, struct qun_err *err)
{
	struct qun_span rest = qun_span_of(c->classes), item;
	const char *near;
	int i;

	while (qun_list_cut(&rest, &item)) {
		for (i = 0; i < CHURN_CLASSES && !qun_span_is(item, qun_churn_class[i]);)
			i++;
		if (i < CHURN_CLASSES) {
			c->class_mask |= 1u << i;
			continue;
		}
		near = qun_nearest(item, qun_churn_class, CHURN_CLASSES);
		return qun_fail(err, QUN_EUSAGE, "--class: no class '%.*s'%s%s%s", (int)item.len,
			item.ptr, near ? "; did you mean '" : " (see --help", near ? near : "",
			near ? "'?" : ")");
	}
	return 0;
}

static int setup(struct qun_run *run, void *conf, struct qun_err *err)
{
	struct churn_conf *c = conf;
	int rc = parse_silent(c, err);

	c->class_mask = c->classes ? 0 : ((1u << CHURN_CLASSES) - 1) & ~(1u << CHURN_LEFT) & ~(1u << CHURN_NEWCOMER);
	if (rc == 0 && c->classes)
		rc = parse_classes(c, err);
	if (rc == 0 && c->winback && c->cleanup)
		rc = qun_fail(err, QUN_EUSAGE, "--winback and --cleanup exclude each other");
	if (rc == 0 && c->summary && c->bounds)
		rc = qun_fail(err, QUN_EUSAGE, "--bounds: --summary has no people");
	if (rc == 0 && (run->by.n > 1 || (run->by.n == 1 && run->by.field[0] != QUN_F_GROUP)))
		rc = qun_fail(err, QUN_EUSAGE, "--by: the list is by group and person already");
	run->names = !c->summary && (!run->only || qun_columns_have(run->only, "name"));
	run->rare |= QUN_TIE_FIELDS;
	return rc;
}

static const char *const definition[] = {
	"silent_days = date of A - date of the last event of --active in the group, or of joining where there is none",
	"usual_gap_days: median of the days between active days, from 3 gaps on; overdue_ratio = silent_days / usual_gap_days",
	"left: no member at A; newcomer: the newest membership began within --newcomer of A",
	"buyer-silent: an order in any group within 90 days, and no message for --silent days or ever",
	"benefits-only: took red packets or coupons or shared; no message in the group, no order in any",
	"never-spoke: no event of --active in the group; silent: silent_days >= --silent; cooling: overdue_ratio >= --overdue",
	"--silent: auto is the 90th percentile, over members with 3 gaps, of each one's longest; 7 days at least, 30 under 10 members",
	"--bounds: joined after joined_after, at the latest on joined; left on left at the earliest, by left_by at the latest",
	"class: the first that fits; reason: the others; amount is net of refunds",
	"--summary: rate = listed members / members at A; lo, hi: Wilson's interval",
	NULL,
};

static const char *const examples[] = {
	"churn-list chat.csv orders.csv             # everyone who fell silent, best buyers first",
	"churn-list --winback --silent 14d *.csv    # buyers to write to",
	"churn-list --cleanup --quota 20 chat.csv   # at most 20 a group to take out",
	NULL,
};

#define AT(field) offsetof(struct churn_conf, field)

static const struct qun_option options[] = {
	{"silent", 0, QUN_OPT_TEXT, "DAYS|auto", "30d", NULL, 0, 0,
		"silent after so many days; auto: what is unusual in the group", AT(silent), false},
	{"overdue", 0, QUN_OPT_REAL, "FACTOR", "1.5", NULL, 0.01, 1e6,
		"cooling when silent for FACTOR times one's usual gap", AT(overdue), false},
	{"newcomer", 0, QUN_OPT_DURATION, "DURATION", "7d", NULL, 0, 0,
		"who joined within DURATION is new", AT(newcomer_us), false},
	{"class", 0, QUN_OPT_TEXT, "CLASS,...", NULL, NULL, 0, 0,
		"only these: left newcomer buyer-silent benefits-only never-spoke silent cooling",
		AT(classes), false},
	{"winback", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, "only people with orders", AT(winback),
		false},
	{"cleanup", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"only people without orders in any group, newcomers left out", AT(cleanup), false},
	{"quota", 0, QUN_OPT_INT, "N", NULL, NULL, 1, 1e15, "at most N people a group", AT(quota),
		false},
	{"floor", 0, QUN_OPT_REAL, "RATE", NULL, NULL, 1e-6, 1,
		"only groups with a smaller share of members active in the last 28 days", AT(floor),
		false},
	{"bounds", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"add the days between which each one joined and left, as member lists tell", AT(bounds), false},
	{"summary", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, "one line a group instead of the list",
		AT(summary), false},
	{0},
};

const struct qun_metric qun_metric_churn_list = {
	.name = "churn-list",
	.brief = "Whom to win back, whom to clean out?",
	.definition = definition,
	.examples = examples,
	.options = options,
	.flags = QUN_METRIC_ALL_ORDERS | QUN_METRIC_NAMES,
	.conf_size = sizeof(struct churn_conf),
	.setup = setup,
	.person_size = sizeof(struct churn_person),
	.add = qun_churn_add,
	.merge = qun_churn_merge,
	.save = qun_churn_save,
	.load = qun_churn_load,
	.release = qun_churn_release,
	.fold = qun_churn_fold,
	.finish = qun_churn_finish,
	.notes = qun_deal_notes,
};
