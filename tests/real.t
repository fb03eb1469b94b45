#!/bin/sh
# The programs on real data: chats, commits and shops of other people, against tables that another
# engine computed from the same bytes and against what was published about them.
#
# The tables know no unfinished period and no cell of 0, so those rows are left out here; where their
# rule is another one, the test says which and computes ours from the raw file with sqlite3.
. tests/lib.sh
D=$QUN_SHARED/data
if [ ! -d "$D" ]; then
	skip "real data" "$D is not there"
	finish
	exit
fi

# have SET: unpacks its events for the tests that follow; false, and said, where it is missing.
have() {
	set_=$1
	if [ ! -d "$D/$set_/reference" ]; then
		skip "$set_" "$D/$set_ is not there"
		return 1
	fi
	for f in "$D/$set_"/*.csv "$D/$set_"/*.csv.xz; do
		case $f in
		*/\*.*) ;; # no such file
		*.xz) xz -dc "$f" >"$raw" ;;
		*) cp "$f" "$raw" ;;
		esac
	done
}
raw=$scratch/raw.csv
reference() { tail -n +2 "$D/$set_/reference/$1.csv"; }
# agree NAME WANT HAVE: two files
agree() {
	if [ -s "$2" ] && cmp -s "$2" "$3"; then pass "$1 ($(wc -l <"$2" | tr -d ' ') rows)"; else
		fail "$1"
		diff "$2" "$3" | sed 's/^/#   /' | head -n 20
		show "$scratch/err"
	fi
}

# --- what is compared; set_ is the set in hand, $raw its events ------------------------------------

cohorts() { # PERIOD OPTION...
	period=$1
	shift
	reference "cohort_$period" >"$scratch/want"
	cohort-retention --period "$period" --columns cohort,offset,retained "$@" "$raw" 2>"$scratch/err" |
		awk -F, 'NR > 1 && $3 > 0' >"$scratch/have"
	agree "$set_: cohorts by $period" "$scratch/want" "$scratch/have"
}
days() { # OPTION...: messages and people active in 1, 7 and 30 days
	reference daily_activity | awk -F, -v OFS=, '{ print $1, $2, $3, $6, $7 }' >"$scratch/want"
	activity-rate --total --rolling --columns period,messages,dau,wau,mau "$@" "$raw" 2>"$scratch/err" |
		awk -F, 'NR == FNR { day[$1]; next } $1 in day' "$scratch/want" - >"$scratch/have"
	agree "$set_: people active in 1, 7 and 30 days" "$scratch/want" "$scratch/have"
}
lifecycle() { # PERIOD OPTION...
	period=$1
	shift
	reference "lifecycle_$period" >"$scratch/want"
	activity-rate --total --lifecycle --period "$period" "$@" "$raw" \
		--columns period,new,returning,resurrected,dormant 2>"$scratch/err" |
		awk -F, 'NR > 1 && $2 + $3 + $4 + $5 > 0' >"$scratch/have"
	agree "$set_: lifecycle by $period" "$scratch/want" "$scratch/have"
}
# Their churn table is strict and elapsed (more than 30 * 86400 s), --silent 30d counts civil days and
# takes 30: the list is computed again by our rule. Who is a member is not asked here: everybody is
# listed who was active at all, in whatever class.
silent() { # 'SQL of g, u, day of every activity' 'SQL of the last day' OPTION...
	activity=$1 today=$2
	shift 2
	sqlite3 -batch >"$scratch/want" <<-Q
		.import --csv "$raw" raw
		.mode list
		.separator ,
		WITH a(g, u, day) AS ($activity), now(day) AS ($today),
		l AS (SELECT g, u, max(day) AS last, count(DISTINCT day) AS days, count(*) AS n FROM a GROUP BY g, u)
		SELECT g, u, last, CAST(julianday(now.day) - julianday(last) AS INTEGER) AS silent, days, n
		FROM l, now WHERE silent >= 30;
	Q
	sort -o "$scratch/want" "$scratch/want"
	churn-list --silent 30d --class left,newcomer,silent,never-spoke "$@" "$raw" \
		--columns group,user,last_active,silent_days,active_days,messages 2>"$scratch/err" |
		awk -F, 'NR > 1 && $3 != "" && $4 >= 30' | sort >"$scratch/have"
	agree "$set_: silent for 30 days" "$scratch/want" "$scratch/have"
}
# Dates without a time of day: elapsed and civil days are the same, so theirs is ours from a day later on.
silent_dates() {
	for n in 30 90; do
		reference "churn_${n}d" | awk -F, -v OFS=, '{ print $1, substr($3, 1, 10), $5 }' | sort >"$scratch/want"
		churn-list --set type=message --silent $((n + 1))d --class silent \
			--columns user,last_active,silent_days "$raw" 2>"$scratch/err" | sed 1d | sort >"$scratch/have"
		agree "$set_: silent for more than $n days" "$scratch/want" "$scratch/have"
	done
}
steps() { # TABLE OPTION...
	table=$1
	shift
	reference "$table" | awk -F, '$1 == "ties_free" { print $4 }' >"$scratch/want"
	funnel --columns reached "$@" 2>"$scratch/err" | sed 1d >"$scratch/have"
	agree "$set_: $table" "$scratch/want" "$scratch/have"
}
orders() { # OPTION...
	reference repurchase_month | awk -F, -v OFS=, '{ print $1, $2, $3, $5 }' >"$scratch/want"
	repurchase --set type=order --period month --columns period,buyers,returning_buyers,repeat_buyers "$@" \
		"$raw" 2>"$scratch/err" | sed 1d >"$scratch/have"
	agree "$set_: repurchase by month" "$scratch/want" "$scratch/have"
	reference repurchase_within_days | awk -F, -v OFS=, '{ print $1, $2, $3 }' >"$scratch/want"
	for n in 7 30 60 90 180; do
		repurchase --set type=order --within $n --columns again_${n}d_base,again_${n}d "$@" "$raw" \
			2>"$scratch/err" | sed "1d; s/^/$n,/"
	done >"$scratch/have"
	agree "$set_: second order within days" "$scratch/want" "$scratch/have"
	cohorts week --set type=order "$@"
	cohorts month --set type=order "$@"
}

# --- chats and commits -----------------------------------------------------------------------------

if have fluid_irc; then
	cohorts week
	cohorts month
	days
	lifecycle week
	silent "SELECT channel, user, date(time) FROM raw WHERE event IN ('message', 'action')" \
		"SELECT date(max(time)) FROM raw"
	# message here means the IRC word: not action, which is a message to us; quit is not part or kick
	steps funnel_join_message_7d --step join --step 'message & event=message' "$raw"
	steps funnel_join_message_quit_7d --step join --step 'message & event=message' \
		--step 'leave & event=quit' "$raw"
fi
if [ -d "$D/developers_irc/reference" ]; then
	# the largest set: read once, through a pipe
	set_=developers_irc
	mkfifo "$scratch/pipe"
	xz -dc "$D/developers_irc/events.csv.xz" >"$scratch/pipe" &
	start=$(date +%s)
	steps funnel_join_message_quit_7d --step join --step 'message & event=message' \
		--step 'leave & event=quit' "$scratch/pipe"
	echo "# 121 MB in $(($(date +%s) - start)) s"
else
	skip developers_irc "$D/developers_irc is not there"
fi
if have zig_irc; then
	cohorts week
	cohorts month
	days
	lifecycle week
	silent "SELECT '-', user_id, date(ts, 'unixepoch') FROM raw" \
		"SELECT date(max(CAST(ts AS INTEGER)), 'unixepoch') FROM raw"
fi
if have collegemsg; then
	cohorts week
	cohorts month
	days
	lifecycle week
	silent "SELECT '-', sender, date(ts, 'unixepoch') FROM raw" \
		"SELECT date(max(CAST(ts AS INTEGER)), 'unixepoch') FROM raw"
	# published: 59 835 messages on 193 days; of its 1 899 people 1 350 wrote
	is "collegemsg: published messages" 59835 \
		"$(activity-rate --columns messages "$raw" | awk 'NR > 1 { n += $1 } END { print n }')"
	is "collegemsg: published days" 193 "$(activity-rate --columns messages "$raw" | awk 'NR > 1 && $1 > 0 { n++ } END { print n }')"
	is "collegemsg: people who wrote" 1350 \
		"$(cohort-retention --period year --columns size "$raw" | tail -n 1)"
fi
if have curl_commits; then
	# times with offsets; merges are no activity
	cohorts week --map ts=committed --where merge=0
	cohorts month --map ts=committed --where merge=0
	days --map ts=committed --where merge=0
	lifecycle month --map ts=committed --where merge=0
	silent "SELECT '-', author, date(committed) FROM raw WHERE merge = '0'" \
		"SELECT date(max(julianday(committed))) FROM raw" --map ts=committed --where merge=0
fi
if have lean_zulip_json; then
	reference cohort_month >"$scratch/want"
	for f in "$D"/lean_zulip_json/*.json; do
		stream=${f##*/}
		cohort-retention --period month --map user=sender_full_name --columns cohort,offset,retained "$f" 2>"$scratch/err" |
			awk -F, -v OFS=, -v s="${stream%.json}" 'NR > 1 && $3 > 0 { print s, substr($1, 1, 7), $2, $3 }'
	done >"$scratch/have"
	agree "lean_zulip_json: cohorts of three streams" "$scratch/want" "$scratch/have"
fi
if have cookie_cats; then
	# a player's day of installing, and those he is said to have come back on, by version of the game
	awk -F, -v OFS=, 'NR == 1 { print "ts,group,user" }
		NR > 1 { print "2026-03-01", $2, $1 }
		$4 == "True" { print "2026-03-02", $2, $1 }
		$5 == "True" { print "2026-03-08", $2, $1 }' "$raw" >"$scratch/played.csv"
	reference lift | awk -F, '{ d = substr($1, 11)
		printf "%s,%d,%d,%d,%.6f\n%s,%d,%d,%d,%.6f\n", $2, $4, d, $5, $6, $3, $7, d, $8, $9 }' | sort >"$scratch/want"
	cohort-retention --period day --by group -c group,size,offset,retained,rate "$scratch/played.csv" 2>"$scratch/err" |
		awk -F, '$3 == 1 || $3 == 7' | sort >"$scratch/have"
	agree "cookie_cats: published rates of both versions" "$scratch/want" "$scratch/have"
	is "cookie_cats: published rate of all" "$(sed -n 's/.*"retention_1": \(0\.[0-9]*\),/\1/p' "$D/cookie_cats/published/published.json" |
		awk '{ printf "90189,%.6f", $1 }')" \
		"$(cohort-retention --period day -c size,rate "$scratch/played.csv" 2>/dev/null | sed -n 3p)"
fi

# --- shops -----------------------------------------------------------------------------------------

if have taobao_behavior; then
	# 35 rows lie outside the nine days the tables are about
	awk -F, 'NR == 1 || ($5 >= 1511539200 && $5 < 1512316800)' "$raw" >"$scratch/window.csv"
	mv "$scratch/window.csv" "$raw"
	set -- --tz Asia/Shanghai --map type=behavior --active 'pv|cart|fav|buy'
	cohorts day "$@"
	# no word of theirs is a message
	reference daily_activity | awk -F, -v OFS=, '{ print $1, $3, $6, $7 }' >"$scratch/want"
	activity-rate --total --rolling --columns period,dau,wau,mau "$@" "$raw" 2>"$scratch/err" | sed 1d >"$scratch/have"
	agree "taobao_behavior: people active in 1, 7 and 30 days" "$scratch/want" "$scratch/have"
	steps funnel_pv_cart_buy_1d --map type=behavior --steps pv,cart,buy --window 1d "$raw"
	steps funnel_pv_cart_buy_7d --map type=behavior --steps pv,cart,buy "$raw"
	steps funnel_pv_fav_buy_7d --map type=behavior --steps pv,fav,buy "$raw"
	awk -F, 'NR == 1 || $4 == "buy"' "$raw" >"$scratch/buy.csv"
	bought() { repurchase --tz Asia/Shanghai --set type=order --columns "$1" --collapse "$2" "$scratch/buy.csv" 2>/dev/null | tail -n 1; }
	is "taobao_behavior: repurchase" "$(reference repurchase)" \
		"$(bought buyers,repeat_buyers,repeat_rate none),$(bought repeat_buyers,repeat_rate day)"
fi
if have online_retail; then
	orders
	# The published matrix, 91 cells: it drops rows whose description holds "nan" (banana, finance).
	awk -F, -v OFS=, 'NR > 1 { for (k = 2; k <= NF; k++) if ($k != "") print $1 "-01", k - 2, $k }' \
		"$D/online_retail/published/cohort_month_counts.csv" >"$scratch/want"
	matrix() { cohort-retention --period month --set type=order --columns cohort,offset,retained 2>/dev/null | sed 1d; }
	grep -vi nan "$raw" | matrix >"$scratch/have"
	agree "online_retail: published matrix" "$scratch/want" "$scratch/have"
	matrix <"$raw" >"$scratch/have"
	is "online_retail: 90 of its 91 cells without that filter" "2011-02-01,10,35" \
		"$(grep -Fvxf "$scratch/want" "$scratch/have")"
	says "online_retail: rows without a customer are said" "135080 records without a user" \
		"repurchase --set type=order $raw"
fi
if have cdnow_sample; then
	# an order is a customer's day; some people's first one cost nothing
	set -- --map order_id=date --map amount=value --zero-ok
	orders "$@"
	silent_dates
	is "cdnow_sample: published repeat buyers after 39 weeks" "2357,946" \
		"$(repurchase --set type=order --as-of 1997-09-30 --columns buyers,repeat_buyers "$@" "$raw" | tail -n 1)"
fi
if have relay_foods; then
	orders --map amount=TotalCharges
	silent_dates
	# The published matrix has a row an offset, counted from 1 to 10, and a column a cohort.
	awk -F, -v OFS=, 'NR == 1 { for (i = 2; i <= NF; i++) c[i] = $i "-01"; next }
		{ for (i = 2; i <= NF; i++) if ($i != "") printf "%s,%d,%.6f\n", c[i], $1 - 1, $i }' \
		"$D/relay_foods/published/cohort_month_rates.csv" | sort >"$scratch/want"
	cohort-retention --period month --set type=order --columns cohort,offset,rate "$raw" 2>/dev/null |
		awk -F, 'NR > 1 && $2 < 10' | sort >"$scratch/have"
	agree "relay_foods: published matrix" "$scratch/want" "$scratch/have"
fi

# --- the command lines of the examples -------------------------------------------------------------

sed -n 's/^    \$ //p' examples/real-data.md >"$scratch/lines"
while IFS= read -r line; do
	(cd "$D" && sh -c "$line") >"$scratch/have" 2>"$scratch/err"; rc=$?
	if [ $rc -eq 0 ] && [ "$(wc -l <"$scratch/have")" -gt 1 ]; then pass "$line"; else
		fail "$line"
		echo "#   exit $rc"
		show "$scratch/err"
	fi
done <"$scratch/lines"
finish
