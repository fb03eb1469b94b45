#!/bin/sh
# Published funnels of others: ClickHouse's windowFunnel with its modes, Doris, Databend, duckdb-behavioral,
# PostHog, retentioneering and dbt_product_analytics. Inputs and numbers are those of data/peer in
# QUN_SHARED, where each suite names its source; those of the modes stand here.
. tests/lib.sh

# levels LOG STEPS WINDOW OPTION...: "user level" of everybody, in the order of the users
levels() {
	log=$1 steps=$2 window=$3
	shift 3
	funnel --steps "$steps" --window "$window" --levels --columns user,level "$@" "$log" 2>"$scratch/err" |
		sed '1d;s/,/ /' || cat "$scratch/err"
}
# log USER/SECOND:TYPE...: a log of such events
log() {
	echo ts,user,type
	for word; do
		echo "$word"
	done | awk -F '[/:]' -v OFS=, '{ print $2 + 1600000000, $1, $3 }'
}
line() { paste -sd ' ' -; }

# ClickHouse/ClickHouse, tests/queries/0_stateless/00632_aggregation_window_funnel.reference (0882b32b)
log 1/1:a 1/2:b 1/3:c 2/1:a 2/2:d 2/3:b 2/4:c 3/1:a 3/2:a 3/3:b 3/4:b 3/5:c 3/6:c \
	4/1:a 4/2:a 4/3:a 4/4:a 4/5:b 4/6:b 4/7:c 4/8:c 5/1:a 5/2:a 5/3:b 5/4:b 5/5:d 5/6:c 5/7:c \
	6/1:c 6/2:c 6/3:b 6/4:b 6/5:a 6/6:a 7/1:a 7/2:c 7/3:b >"$scratch/order.csv"
while read -r mode expected; do
	is "windowFunnel: $mode" "$expected" "$(levels "$scratch/order.csv" a,b,c 1d --clickhouse "$mode" | line)"
done <<'EOT'
default 1 3 2 3 3 3 4 3 5 3 6 1 7 2
strict_order 1 3 2 1 3 3 4 3 5 2 6 1 7 1
strict_deduplication,strict_order 1 3 2 1 3 2 4 2 5 2 6 1 7 1
EOT
# The manual's example of allow_reentry (docs/sql-reference/aggregate-functions/parametric-functions.md)
log 1/1:begin 1/2:view 1/3:begin 1/4:pay 2/1:begin 2/2:pay 2/3:view 2/4:pay >"$scratch/shop.csv"
is "windowFunnel: allow_reentry" "1 4 2 2" \
	"$(levels "$scratch/shop.csv" begin,view,begin,pay 1h --clickhouse strict_order,allow_reentry | line)"
is "windowFunnel: a step too early is passed over" "1 3 2 3" \
	"$(levels "$scratch/shop.csv" begin,view,pay 1h --clickhouse strict_order,allow_reentry | line)"
is "windowFunnel: a step too early ends it" "1 3 2 1" \
	"$(levels "$scratch/shop.csv" begin,view,pay 1h --clickhouse strict_order | line)"
log 1/0:1000 1/1:1001 1/1:1002 1/1:1003 1/2:1004 >"$scratch/ties.csv"
while read -r steps mode expected; do
	is "windowFunnel: $steps $mode" "$expected" "$(levels "$scratch/ties.csv" "$steps" none --clickhouse "$mode" | line)"
done <<'EOT'
1000,1001,1002,1003,1004 default 1 5
1000,1001,1002,1003,1004 strict_increase 1 2
1000,1001,1002,1003,1004 strict_once 1 5
1004,1004,1004 default 1 3
1004,1004,1004 strict_once 1 1
1004,1004,1004 strict_increase 1 1
EOT
log 234/100:failure 345/200:success 345/210:failure 345/230:success 234/250:failure 123/180:failure \
	123/220:failure 123/250:success >"$scratch/result.csv"
for mode in strict_once,strict_increase strict_once strict_once,strict_deduplication; do
	is "windowFunnel: failures, $mode" "123 3 234 2 345 1" \
		"$(levels "$scratch/result.csv" failure,failure,success 200s --clickhouse $mode | line)"
done
log 1/0:1000 1/10:1001 1/20:1002 1/30:1003 1/40:1004 1/50:1005 1/51:1005 1/60:1006 1/70:1007 >"$scratch/repeat.csv"
for case in strict_deduplication:6 default:7; do
	is "windowFunnel: a repeated step, ${case%:*}" "1 ${case#*:}" \
		"$(levels "$scratch/repeat.csv" 1000,1001,1002,1003,1004,1005,1006 none --clickhouse ${case%:*})"
done
log 1/1:1001 1/2:1002 1/3:1003 1/4:1004 1/5:1005 1/6:1006 1/7:1007 1/8:1008 >"$scratch/many.csv"
any='1001|1002|1003|1004|1005|1006|1007'
is "windowFunnel: one event meets several steps" "1 4" "$(levels "$scratch/many.csv" \
	"$any,${any#*|}|1008,${any%|*},1004|1005|1006|1007|1008" 4s --clickhouse default)"
log 1/1:a 1/2:b 1/3:c 1/4:b 1/5:d >"$scratch/bite.csv"
is "windowFunnel: issue 27469" "1 3" "$(levels "$scratch/bite.csv" a,b,c,d 1d --clickhouse strict_deduplication)"
# 04023_window_funnel_strict_dedup of the same, issue 37177
log 1/0:install 1/5:start 1/10:login 1/15:install 1/20:start 1/25:install 1/30:start 1/35:login 1/40:end >"$scratch/dedup.csv"
for mode in strict_deduplication strict_deduplication,strict_once; do
	is "windowFunnel: issue 37177, $mode" "1 3" \
		"$(levels "$scratch/dedup.csv" install,start,login,end 60s --clickhouse $mode)"
done

# Random logs against the rules as they are written there: a list of all sequences, each with the events
# it has used. Lines of input: seconds and letters of the steps that the event meets; - for none.
cat >"$scratch/rules.awk" <<'EOT'
function deepest(k) { for (k = steps; k && !count[k]; k--); return k }
function put(k, first, last, used) { count[k]++; from[k, count[k]] = first; to[k, count[k]] = last; path[k, count[k]] = used }
function level(i, t, k, id, j, m, split_at) {
	for (i = 1; i <= entries; i++) {
		split(entry[i], split_at, " ")
		t = split_at[1] + 0; k = split_at[2] + 0; id = split_at[3]
		if (k == 0) {
			if (order && count[1]) return deepest()
		} else if (k == 1) {
			if (!once) count[1] = 0
			put(1, t, t, "," id ",")
		} else if (dedup && count[k]) return deepest()
		else if (order && count[1] && !count[k - 1]) {
			if (!reentry) return deepest()
		} else {
			m = count[k - 1]
			for (j = 1; j <= m; j++) {
				if (t > from[k - 1, j] + window || (increase && to[k - 1, j] >= t)) continue
				if (once && index(path[k - 1, j], "," id ",")) continue
				if (!once) count[k] = 0
				put(k, from[k - 1, j], t, path[k - 1, j] id ",")
			}
			if (k == steps && count[k]) return steps
		}
	}
	return deepest()
}
function flush(k) {
	if (user == "") return
	# sorted by time, then step; of one step by what the events meet
	close_sort()
	for (k = 1; k <= steps; k++) count[k] = 0
	print user, level()
	entries = 0
}
function close_sort(i, j, x) {
	for (i = 2; i <= entries; i++) {
		x = entry[i]
		for (j = i - 1; j && entry[j] > x; j--) entry[j + 1] = entry[j]
		entry[j + 1] = x
	}
}
{
	if ($1 != user) { flush(); user = $1 }
	mask = 0
	for (k = steps; k; k--) mask = mask * 2 + (index($3, substr("abcd", k, 1)) > 0)
	for (k = 1; k <= steps; k++)
		if (index($3, substr("abcd", k, 1))) entry[++entries] = sprintf("%06d %d %03d.%06d", $2, k, mask, NR)
	if ($3 == "-" && order) entry[++entries] = sprintf("%06d 0 0", $2)
}
END { flush() }
EOT
awk 'BEGIN {
	srand(11)
	n = split("a b c d ab bc abc - bd ac abcd", what, " ")
	for (u = 100; u < 260; u++) {
		t = 0
		for (i = 2 + int(rand() * 9); i; i--) { t += int(rand() * 3); print u, t, what[1 + int(rand() * n)] }
	}
}' >"$scratch/deeds"
awk 'BEGIN { print "ts,user,type" } { print 1600000000 + $2 "," $1 "," ($3 == "-" ? "none" : $3) }' "$scratch/deeds" >"$scratch/deeds.csv"
a='a|ab|abc|ac|abcd' b='b|ab|bc|abc|bd|abcd' c='c|bc|abc|ac|abcd' d='d|bd|abcd'
for mode in default strict_deduplication strict_order strict_increase strict_once \
	strict_once,strict_deduplication strict_once,strict_increase strict_once,strict_order \
	strict_order,allow_reentry strict_once,strict_order,allow_reentry,strict_deduplication \
	strict_deduplication,strict_increase strict_order,strict_increase,strict_deduplication,allow_reentry; do
	set --
	for word in once:strict_once order:strict_order dedup:strict_dedup increase:strict_increase reentry:allow_reentry; do
		case $mode in *${word#*:}*) set -- "$@" -v "${word%:*}=1" ;; esac
	done
	for window in 2 4; do
		is "rules of windowFunnel: $mode, $window s" \
			"$(awk -v steps=4 -v window=$window "$@" -f "$scratch/rules.awk" "$scratch/deeds")" \
			"$(levels "$scratch/deeds.csv" "$a,$b,$c,$d" ${window}s --clickhouse $mode)"
	done
done

# Order of records is no matter, nor is a division of the work; levels are those of the table.
for mode in default strict_once strict_once,strict_increase strict_deduplication,strict_once strict_order; do
	awk -v seed=7 -v events=300 -v users=6 -v groups=1 -v orders=20 -v days=9 -f tests/random.awk >"$scratch/random.csv"
	sed 1q "$scratch/random.csv" >"$scratch/turned.csv"
	sed 1d "$scratch/random.csv" | sort -r >>"$scratch/turned.csv"
	args="--skip-bad --steps 'message,message|click,click|order' --window 2d --clickhouse $mode"
	same "$mode: order of the records" "funnel $args $scratch/random.csv" "funnel $args $scratch/turned.csv"
	same "$mode: reached are those of at least that level" \
		"funnel $args --columns reached $scratch/random.csv | sed 1d" \
		"funnel $args --levels --columns level $scratch/random.csv |
			awk 'NR > 1 { for (i = 1; i <= \$1; i++) n[i]++ } END { for (i = 1; i <= 3; i++) print n[i] + 0 }'"
done
same "--windows: the tables of its windows, one after the other" \
	"funnel --skip-bad --steps message,order --by group --windows 1d,30d,none $scratch/random.csv" \
	"for w in 1d 30d none; do funnel --skip-bad --steps message,order --by group --window \$w $scratch/random.csv |
		sed \"s/^/\$w,/\"; done | awk 'NR == 1 { sub(/^1d/, \"window\") } /^[^,]*,group,/ && NR > 1 { next } 1'"
same "--windows: lists too" \
	"funnel --skip-bad --steps message,order --list 2:dropped --windows 2d,1d $scratch/random.csv | sed 1d" \
	"for w in 2d 1d; do funnel --skip-bad --steps message,order --list 2:dropped --window \$w $scratch/random.csv |
		sed \"1d;s/^/\$w,/\"; done"
says "a window given twice" "'24h' is given twice" "funnel --steps a,b --windows 1d,24h $scratch/order.csv"
says "an unknown mode" "did you mean 'strict_once'" "funnel --steps a,b --clickhouse strict_onc $scratch/order.csv"
says "allow_reentry alone" "needs strict_order" "funnel --steps a,b --clickhouse allow_reentry $scratch/order.csv"
exits "--clickhouse has no list" 2 "funnel --steps a,b --clickhouse default --list 2:reached $scratch/order.csv"

peer=$QUN_SHARED/data/peer
if [ ! -r "$peer/clickhouse/cases.json" ]; then
	skip "published funnels" "no data in $peer"
	finish
	exit
fi

# peer_log FILE CLOCK: a peer's CSV as a log; numbers count seconds, blanks in names become _
peer_log() {
	awk -F, -v OFS=, -v clock="$2" '
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print "ts", "user", "type"; next }
	{
		t = $at[clock]
		if (t ~ /^[0-9]+$/)
			t = 1600000000 + (t > 1e14 ? t - 1e14 : t)
		who = "customer_id" in at ? $at["customer_id"] : $at["user"]
		what = "status" in at ? $at["status"] : $at["event"]
		gsub(/ /, "_", what)
		print t, who, what
	}' "$1"
}
# A line a case: id, file, clock, window, steps, then "user level".
cases() {
	sqlite3 -separator ' ' :memory: "SELECT json_extract(c.value, '\$.id'), json_extract(c.value, '\$.events'),
		coalesce(json_extract(c.value, '\$.params.time_column'), 'ts'),
		CASE WHEN json_extract(c.value, '\$.params.window') > 1e9 THEN 'none'
			ELSE json_extract(c.value, '\$.params.window') || substr(json_extract(c.value, '\$.params.window_unit'), 1, 1) END,
		(SELECT group_concat(s.value) FROM json_each(c.value, '\$.params.steps') s),
		(SELECT group_concat(l.key || ' ' || l.value, ' ') FROM json_each(c.value, '\$.expected.level_by_user') l)
		FROM json_each(readfile('$peer/$1/cases.json'), '\$.cases') c WHERE json_extract(c.value, '\$.kind') = 'funnel_level'"
}
# Where one event could fill several steps Doris and we say no, ClickHouse says yes.
for suite in clickhouse databend doris duckdb_behavioral; do
	cases $suite >"$scratch/cases"
	while read -r id file clock window steps expected; do
		peer_log "$peer/$suite/$file" "$clock" >"$scratch/in.csv"
		# A way has two steps at least: the second one happens to nobody.
		case $steps in *,*) ;; *) steps=$steps,never ;; esac
		is "$suite: $id" "$expected" "$(levels "$scratch/in.csv" "$steps" "$window" | line)"
		mode=default
		[ "$id" != zh_repeated_first_step ] || mode=strict_once
		is "$suite: $id, as windowFunnel" "$expected" \
			"$(levels "$scratch/in.csv" "$steps" "$window" --clickhouse $mode | line)"
	done <"$scratch/cases"
	is "$suite: cases are found" yes "$([ "$(grep -c . "$scratch/cases")" -ge 3 ] && echo yes)"
done
peer_log "$peer/doris/funnel_zh.csv" ts >"$scratch/in.csv"
is "ClickHouse lets one event fill two steps" "100123 5 100125 4 100126 3 100127 3" \
	"$(levels "$scratch/in.csv" 登录,登录,访问,下单,付款 none --clickhouse default | line)"

# expected SUITE ID [SQL [PATH]]: the published rows, each as r.value and what follows it
expected() {
	sqlite3 -separator ' ' :memory: "SELECT group_concat(r.value ${3:-}, ' ') FROM json_each(readfile('$peer/$1/cases.json'), '\$.cases') c,
		json_each(c.value, '\$.expected.${4:-counts}') r WHERE json_extract(c.value, '\$.id') = '$2'"
}
reached() { funnel --window none --columns reached --steps "$@" "$scratch/in.csv" 2>/dev/null | sed 1d | line; }
peer_log "$peer/posthog/funnel_basic.csv" ts >"$scratch/in.csv"
steps=user_signed_up,paid,watched_movie
is "PostHog: funnel_basic" "$(expected posthog funnel_basic)" "$(reached $steps)"
is "PostHog: who is at its end" completed_movie \
	"$(funnel --window none --steps $steps --list 3:reached --columns user "$scratch/in.csv" 2>/dev/null | sed 1d)"
peer_log "$peer/posthog/funnel_skipped.csv" ts >"$scratch/in.csv"
is "PostHog: funnel_skipped_step" "$(expected posthog funnel_skipped_step)" "$(reached $steps)"
peer_log "$peer/dbt_product_analytics/orders_simple.csv" order_date >"$scratch/in.csv"
is "dbt_product_analytics: placed, completed, returned" \
	"$(expected dbt_product_analytics funnel_placed_completed_returned '->> 1' rows)" "$(reached placed,completed,returned)"
peer_log "$peer/retentioneering/funnel.csv" ts >"$scratch/in.csv"
is "retentioneering: funnel_closed" "$(expected retentioneering funnel_closed)" \
	"$(reached 'catalog,product1|product2,cart,payment_done')"
# Without any order each step is counted alone; a funnel here always begins with its first step.
is "retentioneering: funnel_open" "$(expected retentioneering funnel_open)" \
	"$(for step in catalog 'product1|product2' cart payment_done; do reached "$step,never" | cut -d ' ' -f 1; done | line)"

# trend ID FILE WINDOW LAST: who entered on each day, and who of them completed
trend() {
	peer_log "$peer/posthog/$2" ts >"$scratch/in.csv"
	for day in $(expected posthog "$1" '->> 0' rows); do
		next=$(date -u -d "$day + 1 day" +%F)
		funnel --steps step_one,step_two,step_three --window "$3" --since "$day" --until "$next" --columns reached \
			"$scratch/in.csv" 2>/dev/null | awk -v day="$day" 'NR == 2 { n = $1 } NR == 4 { print day, n, $1 }'
	done | line
}
for case in funnel_daily_conversion_window_7d:funnel_trend.csv:7d funnel_reverse_order:funnel_reverse.csv:1d; do
	file=${case#*:}
	is "PostHog: ${case%%:*}" "$(expected posthog "${case%%:*}" "->> 0 || ' ' || (r.value ->> 1) || ' ' || (r.value ->> 2)" rows)" \
		"$(trend "${case%%:*}" "${file%:*}" "${file#*:}")"
done
finish
