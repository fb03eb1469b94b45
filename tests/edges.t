#!/bin/sh
# Edges of the calendar and of shape. What is expected comes from date(1), from sqlite3 or from the
# definitions by hand, as told, never from the programs.
. tests/lib.sh

five() { # the five programs, with what they cannot do without
	echo 'activity-rate
churn-list
cohort-retention
funnel --steps join,message,order
repurchase'
}

# Days and weeks of instants around the changes of summer time, by date(1) and sqlite3. Each instant is
# one person's: he is born, active, and buys on its day.
#
# London and New York in spring and autumn, days of 23 and 25 hours; Shanghai's summer time of 1986 to
# 1991 in its first and last year; Havana, where midnight itself is skipped and repeated; Apia, where a
# day is; Lord Howe, where the clocks change by half an hour; a zone that is a quarter hour off.
cat >"$scratch/zones" <<'X'
America/New_York 2026-03-07 2026-03-10
America/New_York 2026-10-31 2026-11-03
Europe/London 2026-03-28 2026-03-31
Europe/London 2026-10-24 2026-10-27
Asia/Shanghai 1986-05-03 1986-05-06
Asia/Shanghai 1986-09-13 1986-09-16
Asia/Shanghai 1991-04-13 1991-04-16
Asia/Shanghai 1991-09-14 1991-09-17
America/Havana 2026-03-07 2026-03-10
America/Havana 2026-10-31 2026-11-03
Pacific/Apia 2011-12-28 2012-01-01
Australia/Lord_Howe 2026-04-04 2026-04-07
Asia/Kathmandu 1985-12-30 1986-01-03
X

# Every half hour between two days in UTC, and the last microsecond before it: epoch seconds, ISO text.
instants() { # FIRST LAST
	seq "$(date -u -d "$1" +%s)" 1800 "$(date -u -d "$2" +%s)" | awk '{ print "@" $1 - 1; print "@" $1 }' >"$scratch/epochs"
	date -u -f "$scratch/epochs" '+%Y-%m-%dT%H:%M:%S' | awk '{ print $0 (NR % 2 ? ".999999Z" : "Z") }'
}

# The same numbers by the first day of their period: DAY COUNT
by_period() { # PERIOD START-OF-WEEK < DAYS
	case $1 in
	day) cat ;;
	week) sed "s/.*/SELECT date('&', '-6 days', 'weekday $2');/" | sqlite3 :memory: ;;
	month) sed 's/..$/01/' ;;
	esac | sort | uniq -c | awk '{ print $2 "," $1 }'
}

while read -r zone from to; do
	instants "$from" "$to" >"$scratch/instants"
	awk 'BEGIN { print "ts,group,user,type,order_id,amount" } 
		{ print $1 ",g,u" NR ",message,,"; print $1 ",g,u" NR ",order,o" NR ",5" }' "$scratch/instants" >"$scratch/log.csv"
	TZ=$zone date -f "$scratch/epochs" +%F >"$scratch/days"
	for period in day week month; do
		for start in mon sun; do
			want=$(by_period $period $([ $start = mon ] && echo 1 || echo 0) <"$scratch/days")
			at="$zone, $from, by the $period from $start"
			set -- -q --tz "$zone" --period $period --week-start $start
			is "$at: births" "$want" "$(cohort-retention "$@" -c cohort,size,offset "$scratch/log.csv" | sed -n 's/,0$//p')"
			is "$at: activity" "$want" "$(activity-rate "$@" -c period,active "$scratch/log.csv" | grep -v ',0$' | sed 1d)"
			is "$at: orders" "$want" "$(repurchase "$@" -c period,orders "$scratch/log.csv" | sed 1d)"
			[ $period != day ] || break
		done
	done
	# Where a whole day is skipped there is no 04:00 of it for date(1) to subtract from.
	[ "$zone" = Pacific/Apia ] || is "$zone, $from, days that begin at 04:00: births" "$(TZ=$zone date -f "$scratch/epochs" "+SELECT date('%F %T', '-4 hours');" |
		sqlite3 :memory: | by_period day)" \
		"$(cohort-retention -q --tz "$zone" --day-start 04:00 --period day -c cohort,size,offset "$scratch/log.csv" | sed -n 's/,0$//p')"
	paste -d , "$scratch/days" - <<-X >"$scratch/last"
	$(seq -f u%.0f "$(wc -l <"$scratch/days")")
	X
	last=$(tail -n 1 "$scratch/days")
	is "$zone, $from: days of silence" "$(sed "s/\(.*\),\(.*\)/SELECT '\2', '\1', CAST(julianday('$last') - julianday('\1') AS INTEGER);/" "$scratch/last" |
		sqlite3 -csv :memory: | sort)" \
		"$(churn-list -q --tz "$zone" --class newcomer -c user,last_active,silent_days "$scratch/log.csv" | sed 1d | sort)"
	day=$(sed -n "$(($(wc -l <"$scratch/days") / 2))p" "$scratch/days")
	is "$zone, $from: entries since $day" "$(awk -v day="$day" '$0 >= day' "$scratch/days" | wc -l)" \
		"$(funnel -q --tz "$zone" --steps order,message --since "$day" -c reached "$scratch/log.csv" | sed -n 2p)"
	is "$zone, $from: entries until $day" "$(awk -v day="$day" '$0 < day' "$scratch/days" | wc -l)" \
		"$(funnel -q --tz "$zone" --steps order,message --until "$day" -c reached "$scratch/log.csv" | sed -n 2p)"
done <"$scratch/zones"

# A time without zone that the clocks skip moves forward by the gap; one they show twice is the first.
printf 'ts,user\n2026-03-08 02:30:00,gap\n2026-11-01 01:30:00,fold\n2026-11-01 00:59:59,before\n2026-11-01 02:00:00,after\n' >"$scratch/local.csv"
is "gaps and folds of local times" "2026-03-08T07:30:00Z,gap
2026-11-01T05:30:00Z,fold
2026-11-01T04:59:59Z,before
2026-11-01T07:00:00Z,after" "$(QUN_TZ=America/New_York chat-cat -q "$scratch/local.csv" | chat-cat -q --tz UTC - | sed 1d | cut -d , -f 1,3 | sed 's/+00:00,/Z,/')"

# The day of 25 hours is whole when its last microsecond has passed, 2026-11-02T04:59:59.999999Z.
printf 'ts,user\n2026-11-01T04:00:00Z,ann\n2026-11-01T04:00:00Z,bob\n' >"$scratch/long.csv"
for until in 2026-11-02T04:59:59.999998Z:0 2026-11-02T04:59:59.999999Z:1 2026-11-01:1; do
	is "a day of 25 hours, as of ${until%:*}" "2026-11-01,${until##*:}" \
		"$(cohort-retention -q --tz America/New_York --period day --as-of "${until%:*}" -c cohort,complete "$scratch/long.csv" | sed -n 2p)"
done
# 24 hours are elapsed time: over the change in spring they end an hour later on the clock.
printf 'ts,user,type\n2026-03-07 12:00:00,in,join\n2026-03-08 13:00:00,in,order\n2026-03-07 12:00:00,out,join\n2026-03-08 13:00:00.000001,out,order\n' >"$scratch/window.csv"
for window in 24h 1d 86400s; do
	is "--window $window over the change of the clocks" "1,join,2,2,order,1," \
		"$(funnel -q --tz America/New_York --steps join,order --window $window -c step,label,reached "$scratch/window.csv" | sed 1d | tr '\n' ,)"
done
is "a day later by the calendar is 23 hours later" "1,1" \
	"$(printf 'ts,user\n2026-03-07 12:00:00,ann\n2026-03-08 12:00:00,ann\n2026-03-11,bob\n' |
		cohort-retention -q --tz America/New_York --period day -c offset,retained | sed -n 3p)"
is "and in its first 24 hours by elapsed time" "0,1;1,0;" \
	"$(printf 'ts,user\n2026-03-07 12:00:00,ann\n2026-03-08 12:00:00,ann\n2026-03-10,ann\n' |
		cohort-retention -q --tz America/New_York --period day --clock elapsed -c offset,retained | sed 1d | tr '\n' ';')"

# Weeks. 2026-03-02 is a Monday; every day of the week belongs to one week from Monday and one from Sunday.
seq 1 14 | awk 'BEGIN { print "ts,user" } { printf "2026-03-%02d 12:00:00,u%d\n", $1, $1 }' >"$scratch/fortnight.csv"
is "weeks from Monday: 1 | 2 … 8 | 9 … 14 March" "2026-02-23,1 2026-03-02,7 2026-03-09,6" \
	"$(cohort-retention -q -c cohort,size,offset "$scratch/fortnight.csv" | sed -n 's/,0$//p' | paste -sd ' ' -)"
is "weeks from Sunday: 1 … 7 | 8 … 14 March" "2026-03-01,7 2026-03-08,7" \
	"$(cohort-retention -q --week-start sun -c cohort,size,offset "$scratch/fortnight.csv" | sed -n 's/,0$//p' | paste -sd ' ' -)"
for day in tue wed thu fri sat; do
	exits "no week begins on $day" 2 "cohort-retention --week-start $day $scratch/fortnight.csv"
done
# ISO week 53 of 2020 and of 2026: one week of seven days between 52 and 1, and one offset.
for year in 2020 2026; do
	printf 'ts,user\n%s-12-21,ann\n%s-12-28,ann\n%s-12-31 23:59:59,bob\n%s-01-01,cai\n%s-01-03 23:59:59,dan\n%s-01-04,ann\n' \
		$year $year $year $((year + 1)) $((year + 1)) $((year + 1)) >"$scratch/53.csv"
	is "$year-W53" "$year-12-21,1,0,1;$year-12-21,1,1,1;$year-12-21,1,2,1;$year-12-28,3,0,3;$year-12-28,3,1,0;" \
		"$(cohort-retention -q -c cohort,size,offset,retained "$scratch/53.csv" | sed 1d | tr '\n' ';')"
	is "$year-W53: activity" "$year-12-21,1;$year-12-28,4;$((year + 1))-01-04,1;" \
		"$(activity-rate -q --period week -c period,active "$scratch/53.csv" | sed 1d | tr '\n' ';')"
done

# Leap years. From 31 January, months are 1, 2, 3 … whatever their length.
printf 'ts,user\n2024-01-31 23:59:59,ann\n2024-02-29,ann\n2024-02-29 10:00:00,bob\n2024-03-31,ann\n2024-04-30,ann\n2025-02-28,bob\n' >"$scratch/leap.csv"
is "months from 31 January 2024" "2024-01-01:0 2024-01-01:1 2024-01-01:2 2024-01-01:3 2024-02-01:0 2024-02-01:12" \
	"$(cohort-retention -q --period month -c cohort,offset,retained "$scratch/leap.csv" | sed -n 's/,1$//p' | tr , : | paste -sd ' ' -)"
is "the cohort of 29 February is of that day, and 365 days before 28 February" "2024-02-29:0 2024-02-29:365" \
	"$(cohort-retention -q --period day -c cohort,offset,retained "$scratch/leap.csv" | sed -n 's/,1$//p' | tr , : | grep 02-29 | paste -sd ' ' -)"
is "years" "2024-01-01,2,0,2;2024-01-01,2,1,1;" \
	"$(cohort-retention -q --period year -c cohort,size,offset,retained "$scratch/leap.csv" | sed 1d | tr '\n' ';')"
for year in 2000:2 2023:1 2024:2 2100:1 2200:1; do # 2100 and 2200 are none
	is "days from 28 February to 1 March ${year%:*}" "${year#*:}" \
		"$(printf 'ts,user\n%s-02-28,ann\n%s-03-01,ann\n' "${year%:*}" "${year%:*}" | cohort-retention -q --period day -c offset,retained | sed -n '$s/,1$//p')"
	is "days of silence since 28 February ${year%:*}" "${year#*:}" \
		"$(printf 'ts,user\n%s-02-28,ann\n%s-03-01,bob\n' "${year%:*}" "${year%:*}" | churn-list -q --class newcomer -c user,silent_days | sed -n 's/^ann,//p')"
done
exits "no 29 February 2023" 1 "printf 'ts,user\n2023-02-29,ann\n' | activity-rate"
exits "none in 2100" 1 "printf 'ts,user\n2100-02-29,ann\n' | activity-rate"
is "a month from 31 January has ended on the last of February" "2024-01-01,1,1 2024-02-01,1,0" \
	"$(printf 'ts,user,order_id,amount,type\n2024-01-31,ann,1,5,order\n2024-02-29 23:59:59,ann,2,5,order\n' |
		repurchase -q --period month -c period,buyers,complete | sed 1d | paste -sd ' ' -)"

# The newest event on the edge of a period: with the last microsecond of Sunday the week is whole.
for newest in 2026-03-08T23:59:59.999998Z:0 2026-03-08T23:59:59.999999Z:1 2026-03-09T00:00:00Z:1; do
	printf 'ts,user,order_id,amount,type\n2026-03-02,ann,1,5,order\n%s,bob,2,5,order\n' "${newest%:*}" >"$scratch/edge.csv"
	for tool in cohort-retention:cohort activity-rate:period repurchase:period; do
		is "${tool%:*}: the newest event at ${newest%:*}" "2026-03-02,${newest##*:}" \
			"$(${tool%:*} -q --period week -c "${tool#*:},complete" "$scratch/edge.csv" | sed -n 2p)"
	done
done
# A window is closed when t + window <= A.
for newest in 2026-03-08T23:59:59.999999Z:1,0 2026-03-09T00:00:00Z:0,1; do
	is "funnel: a window of 7 days, looked at ${newest%:*}" "${newest##*:}" \
		"$(printf 'ts,user,type\n2026-03-02,ann,join\n%s,bob,message\n' "${newest%:*}" |
			funnel -q --steps join,order -c pending,dropped | sed -n 3p)"
done
# Silence of 7 civil days: from Monday to the next Monday, whatever the hour.
for as_of in 2026-03-08:0 2026-03-09T00:00:00Z:1; do
	is "churn-list: silent on 2 March, looked at ${as_of%:?}" "${as_of##*:}" \
		"$(printf 'ts,user\n2026-03-02T23:59:59Z,ann\n' | churn-list -q --silent 7d --newcomer 1d --as-of "${as_of%:?}" -c user | sed 1d | wc -l)"
done

# Years that no event has. 1970-01-01 and the end of 2200 are the last instants of those that may.
for ts in 1969-12-31T23:59:59Z 0001-01-01T00:00:00Z 9999-12-31T23:59:59Z 2201-01-01T00:00:00Z 0000-01-01 10000-01-01 1900-02-28; do
	printf 'ts,group,user,type\n2026-01-01,g,ann,message\n%s,g,bob,message\n' "$ts" >"$scratch/year.csv"
	five | while read -r tool; do
		$tool "$scratch/year.csv" >"$scratch/out" 2>"$scratch/err"
		echo "$? $(wc -c <"$scratch/out") $(grep -c "year.csv:3: column 'ts': cannot read time '$ts'" "$scratch/err")"
	done | sort -u >"$scratch/all"
	is "all programs refuse $ts and name it" "1 0 1" "$(cat "$scratch/all")"
done
is "all read the first and the last instant there is" "0 0 0 0 0 " "$(
	printf 'ts,group,user,type\n1970-01-01T00:00:00Z,g,ann,message\n2200-12-31T23:59:59.999999Z,g,bob,message\n' >"$scratch/year.csv"
	five | while read -r tool; do $tool "$scratch/year.csv" >"$scratch/out" 2>&1; printf '%s ' $?; done)"
is "from the first day to the last one" "1970-01-01,230,1 2200-01-01,0,1" \
	"$(cohort-retention -q --period year -c cohort,offset,complete "$scratch/year.csv" | sed -n '232p;233p' | paste -sd ' ' -)"
exits "epochs before 1970 are refused as well" 1 "printf 'ts,user\n-1,ann\n1700000000,bob\n' | activity-rate"

# Nothing: no records, no bytes, blank lines, a byte order mark. The header is there, but for what is
# always printed the table is empty, and so says --require-rows.
printf 'ts,group,user,type\n' >"$scratch/head.csv"
: >"$scratch/zero"
printf '\n\n  \n\r\n' >"$scratch/blank"
printf '\357\273\277' >"$scratch/mark"
: | gzip >"$scratch/zero.gz"
: | zstd -q >"$scratch/zero.zst"
five >"$scratch/five"
while read -r tool; do
	for kind in zero blank mark zero.gz zero.zst; do
		same "$tool: $kind is as a header alone" "$tool <$scratch/head.csv" "$tool <$scratch/$kind"
	done
	same "$tool: a group without events is as well" "$tool $scratch/head.csv" "$tool --group nosuch $scratch/head.csv"
	case $tool in
	funnel*) rows=4 status=0 ;;
	*) rows=1 status=1 ;;
	esac
	is "$tool: $rows lines of nothing" $rows "$($tool "$scratch/zero" | wc -l)"
	exits "$tool: --require-rows of nothing" $status "$tool --require-rows $scratch/zero"
	exits "$tool: --alert of nothing" 0 "$tool --alert '$($tool "$scratch/zero" | head -n 1 | tr , '\n' | grep -E '^(rate|repeat_rate|rate_prev|silent_days)$' | head -n 1)<1' $scratch/zero"
	[ $rows -ne 1 ] || is "$tool: an empty array" '[]' "$($tool -o json "$scratch/zero" | tr -d ' \n')"
	[ $rows -ne 1 ] || is "$tool: no lines of JSON" '' "$($tool -o ndjson "$scratch/zero")"
done <"$scratch/five"

# All at one instant: it is the first and the newest event, the only period, and A.
printf 'ts,group,user,type,amount,order_id\n' >"$scratch/once.csv"
for user in ann bob cai; do
	printf '2026-03-04T12:00:00Z,g,%s,%s\n' $user join,, $user message,, $user order,7.50,$user
done >>"$scratch/once.csv"
# Wilson's interval of 3 out of 3: 3 / (3 + z²) … 1.
low=$(sqlite3 :memory: "SELECT printf('%.6f', 3 / (3 + 1.959963984540054 * 1.959963984540054))")
is "cohort-retention at one instant" "2026-03-02,3,0,3,3,1.000000,$low,1.000000,0,1" "$(cohort-retention "$scratch/once.csv" | sed 1d)"
is "activity-rate at one instant" "g,2026-03-04,3,joins,3,1.000000,$low,1.000000,3,0,3,0" "$(activity-rate "$scratch/once.csv" | sed 1d)"
is "funnel at one instant: steps may fall together" "3,1.000000,,;3,1.000000,0,0;3,1.000000,0,0;" \
	"$(funnel --steps join,message,order -c reached,rate_first,median_s,median_total_s "$scratch/once.csv" | sed 1d | tr '\n' ';')"
is "repurchase at one instant" "3,3,0,3,22.50,7.500000,1" "$(repurchase -c buyers,orders,repeat_buyers,new_buyers,gmv,aov,complete "$scratch/once.csv" | sed 1d)"
is "churn-list at one instant: all are newcomers" "ann,0,newcomer;bob,0,newcomer;cai,0,newcomer;" \
	"$(churn-list --class newcomer -c user,silent_days,class "$scratch/once.csv" | sed 1d | tr '\n' ';')"

# A group of one: 1 of 1 is 100 %, from 1 / (1 + z²) on, and he has all of the talk.
printf 'ts,group,user,type,amount,order_id\n2026-03-04 12:00:00,g,ann,join,,\n2026-03-04 13:00:00,g,ann,message,,\n2026-03-05 13:00:00,g,ann,order,9,1\n2026-03-11 12:00:00,g,ann,order,9,2\n' >"$scratch/one.csv"
low=$(sqlite3 :memory: "SELECT printf('%.6f', 1 / (1 + 1.959963984540054 * 1.959963984540054))")
is "cohort-retention of one" "1,0,1,1,1.000000,$low,1.000000;1,1,1,1,1.000000,$low,1.000000;" \
	"$(cohort-retention -c size,offset,eligible,retained,rate,lo,hi "$scratch/one.csv" | sed 1d | tr '\n' ';')"
is "activity-rate of one, without staff" "1,1,1.000000,$low,1.000000,1,0,1,0,1.000000,1.000000,1.000000" \
	"$(activity-rate --talk -c members,active,rate,lo,hi,talkers,lurkers,member_messages,staff_messages,ugc_share,top_talker_share,messages_per_talker "$scratch/one.csv" | sed -n 2p)"
is "funnel of one" "1,1,1" "$(funnel --steps join,message,order -c reached "$scratch/one.csv" | sed 1d | paste -sd , -)"
is "repurchase of one" "1,2,1,1.000000,$low,1.000000,6" \
	"$(repurchase -c buyers,orders,repeat_buyers,repeat_rate,lo,hi,median_gap_days "$scratch/one.csv" | sed 1d)"
is "churn-list of one" "ann,2026-03-11,1,2,18.00,buyer-silent,silent" \
	"$(churn-list --silent 1d --as-of 2026-03-12 -c user,last_active,silent_days,orders,amount,class,reason "$scratch/one.csv" | sed 1d)"

# A group without staff, beside one whose staff alone talk: the share of members is 1 there, 0 here.
printf 'ts,group,user,type,role\n2026-03-04 12:00:00,free,ann,message,\n2026-03-04 12:30:00,free,bob,message,\n2026-03-04 12:00:00,led,boss,message,owner\n2026-03-04 13:00:00,led,cai,join,\n' >"$scratch/staff.csv"
is "groups without staff and with staff alone" "free,2,2,2,2,0,1.000000
led,1,0,1,0,1,0.000000" "$(activity-rate --talk -c group,members,active,messages,member_messages,staff_messages,ugc_share "$scratch/staff.csv" | sed 1d)"
is "staff are on no list" "ann bob cai" "$(churn-list --class never-spoke,silent,cooling,newcomer --as-of 2026-03-20 --silent 1d -c user "$scratch/staff.csv" | sed 1d | sort | paste -sd ' ' -)"
is "--include-staff makes them members" "led,2,1,1,1,0,1.000000" \
	"$(activity-rate --include-staff --talk -c group,members,active,messages,member_messages,staff_messages,ugc_share "$scratch/staff.csv" | sed -n 3p)"
is "--staff makes staff of a member" "free,1,1,2,1,1,0.500000" \
	"$(activity-rate --staff ann --talk -c group,members,active,messages,member_messages,staff_messages,ugc_share "$scratch/staff.csv" | sed -n 2p)"
finish
