/* The sample exports, counted; what is no log is refused. */
#include "format.h"
#include "qun/input.h"
#include "reader.h"

#include <inttypes.h>

/* What a sample export amounts to. */
struct tally {
	uint64_t talk, joins, leaves, orders, refunds, bad;
	struct qun_dict senders, joiners;
};

static int tally_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	struct tally *t = arg;
	struct qun_span user = ev->field[QUN_F_USER];
	uint32_t id;

	(void)err;
	t->joins += ev->type == QUN_JOIN;
	t->leaves += ev->type == QUN_LEAVE;
	t->refunds += ev->type == QUN_REFUND;
	t->orders += ev->type == QUN_ORDER;
	if (ev->type == QUN_JOIN)
		qun_dict_add(&t->joiners, user, &id);
	/* messages by people: messages, and red packets that were sent */
	bool talk = ev->type == QUN_MESSAGE ||
		(ev->type == QUN_REDPACKET && qun_span_is(ev->field[QUN_F_SOURCE], "sent"));
	if (user.len && (talk || ev->type == QUN_ORDER)) {
		t->talk += talk;
		qun_dict_add(&t->senders, user, &id);
	}
	return user.len ? 0 : 1;
}

static int tally_bad(void *arg, const struct qun_bad *bad)
{
	struct tally *t = arg;

	t->bad++;
	printf("# %s:%" PRIu64 ": %s %s\n", bad->file, bad->line, bad->kind, bad->why);
	return 0;
}

static const struct sample {
	const char *file, *format;
	unsigned records, talk, senders, joins, joiners, leaves, orders, refunds;
} samples[] = {
	/* two joins name 小美🌸, who are two people: a name that leads nowhere stays one */
	{"wechat/memotrace_legacy_utf8bom.csv", "memotrace-csv", 35, 23, 11, 10, 9, 1, 0, 0},
	{"wechat/memotrace_legacy_shortrows.csv", "memotrace-csv", 10, 9, 2, 0, 0, 0, 0, 0},
	{"wechat/memotrace_3x_utf8bom.csv", "memotrace-3x", 35, 23, 11, 10, 9, 1, 0, 0},
	/* no display names in the file: 张三、张姐 fall in two */
	{"wechat/pywxdump.csv", "pywxdump", 35, 23, 11, 11, 10, 1, 0, 0},
	{"wechat/pywxdump.json", "pywxdump", 35, 23, 11, 11, 10, 1, 0, 0},
	{"wechat/chatlog.json", "chatlog-json", 35, 23, 11, 10, 10, 1, 0, 0},
	{"wechat/chatlog.csv", "chatlog-csv", 35, 23, 11, 10, 10, 1, 0, 0},
	{"orders/youzan_orders.csv", "youzan", 24, 0, 6, 0, 0, 0, 18, 3},
	{"orders/taobao_orders_gb18030.csv", "taobao", 24, 0, 6, 0, 0, 0, 18, 3},
};

static void found_format(void *arg, const char *file, const char *what)
{
	(void)arg;
	printf("# %s: %s\n", file, what);
}

static void test_sample(const struct sample *want)
{
	struct tally t = {0};
	struct qun_cal cal = {.week_start = 1};
	struct qun_extras extras = {0};
	struct qun_input *in = NULL;
	struct qun_err err = {0};
	struct qun_zone *zone = NULL;
	FILE *f = fopen(shared(want->file), "r");

	if (!f) {
		printf("ok %d - %s # SKIP not there\n", ++tests, want->file);
		return;
	}
	fclose(f);
	int rc = qun_zone_open(&zone, "Asia/Shanghai", &err);
	cal.zone = zone;
	struct qun_input_conf conf = {.cal = &cal, .reader = asked_reader(), .extras = &extras};
	struct qun_input_sink sink = {.arg = &t, .event = tally_event, .bad = tally_bad, .found = found_format};
	if (!rc)
		rc = qun_input_open(&in, &conf, &sink);
	if (!rc)
		rc = qun_input_read(in, shared(want->file), &err);
	struct qun_input_counts n = in ? qun_input_counts(in) : (struct qun_input_counts){0};
	bool good = !rc && n.read == want->records && t.talk == want->talk && t.bad == 0 &&
		t.senders.n == want->senders && t.joins == want->joins && t.joiners.n == want->joiners &&
		t.leaves == want->leaves && t.orders == want->orders && t.refunds == want->refunds &&
		n.system_unknown == 0 && n.read == n.used + n.filtered + n.duplicate + n.bad;
	ok(good, want->file);
	if (!good)
		printf("# rc %d %s read %" PRIu64 " used %" PRIu64 " filtered %" PRIu64 " talk %" PRIu64
			" senders %zu joins %" PRIu64 " of %zu leaves %" PRIu64 " orders %" PRIu64 " refunds %" PRIu64
			" unknown %" PRIu64 " bad %" PRIu64 "\n", rc, err.msg, n.read, n.used, n.filtered, t.talk,
			t.senders.n, t.joins, t.joiners.n, t.leaves, t.orders, t.refunds, n.system_unknown, t.bad);
	qun_dict_release(&t.senders);
	qun_dict_release(&t.joiners);
	qun_input_close(in);
	qun_extras_release(&extras);
	qun_zone_close(zone);
}

static void test_refused(void)
{
	struct tally t = {0};
	struct qun_cal cal = {.week_start = 1};
	struct qun_zone *zone = NULL;
	struct qun_input *in = NULL;
	struct qun_err err = {0};
	struct qun_input_conf conf = {.cal = &cal};
	struct qun_input_sink sink = {.arg = &t, .event = tally_event, .bad = tally_bad};
	FILE *f = fopen(shared("wechat/chatlog_chatroom.csv"), "r");

	if (!f) {
		printf("ok %d - list of rooms # SKIP not there\n", ++tests);
		return;
	}
	fclose(f);
	qun_zone_open(&zone, "UTC", &err);
	cal.zone = zone;
	int rc = qun_input_open(&in, &conf, &sink);
	if (!rc)
		rc = qun_input_read(in, shared("wechat/chatlog_chatroom.csv"), &err);
	ok(rc < 0 && strstr(err.msg, "chatlog's list"), "chatlog's list of rooms is refused");
	if (rc >= 0 || !strstr(err.msg, "chatlog's list"))
		printf("# rc %d %s\n", rc, err.msg);
	qun_input_close(in);
	qun_zone_close(zone);
	qun_dict_release(&t.senders);
	qun_dict_release(&t.joiners);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		test_sample(&samples[i]);
	test_refused();
	printf("1..%d\n", tests);
	return failures > 0;
}
