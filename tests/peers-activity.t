#!/bin/sh
# Published counts of others, asked of activity-rate, cohort-retention and repurchase: lifecycle and
# stickiness of PostHog (PostHog/posthog), activity of the Kusto documentation
# (MicrosoftDocs/dataexplorer-docs), retention of ClickHouse, Databend, Doris and duckdb-behavioral,
# frequency and recency of lifetimes (CamDavidsonPilon/lifetimes). Inputs and numbers are those of
# data/peer in QUN_SHARED, where each suite names its source.
. tests/lib.sh
peer=$QUN_SHARED/data/peer
if [ ! -r "$peer/kusto_docs/cases.json" ]; then
	skip "published activity" "no data in $peer"
	finish
	exit
fi

# said SUITE ID SQL: lines of a published case, of its JSON c.value
said() {
	sqlite3 -separator ' ' :memory: "SELECT $3 FROM json_each(readfile('$peer/$1/cases.json'), '\$.cases') c $4
		WHERE json_extract(c.value, '\$.id') = '$2'"
}
line() { paste -sd ' ' -; }
# peer_log FILE: a peer's CSV as a log of messages, a time for each date
peer_log() {
	awk -F, -v OFS=, '
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print "ts", "user"; next }
	{ print ("date" in at ? $at["date"] "T12:00:00Z" : $at["ts"]), "user" in at ? $at["user"] : $at["id"] }' "$1"
}
# rows COLUMNS [OPTION...]: rows of activity-rate from $from to $to, blanks between cells
rows() {
	columns=$1
	shift
	activity-rate --since "$from" --as-of "$to" --columns "$columns" "$@" "$scratch/in.csv" 2>/dev/null |
		sed '1d;s/,/ /g'
}

# PostHog's dormant are negative.
for case in lifecycle_day:life_day.csv lifecycle_day_single_user:life_alias.csv; do
	peer_log "$peer/posthog/${case#*:}" >"$scratch/in.csv"
	from=2020-01-12 to=2020-01-19
	for column in new returning resurrected dormant; do
		name=$column
		[ $column != resurrected ] || name=resurrecting
		is "PostHog: ${case%:*}, $column" "$(said posthog "${case%:*}" 'abs(v.value)' ", json_each(c.value, '\$.expected.series.$name') v")" \
			"$(rows $column --lifecycle)"
	done
done

# Days a person is active in: the period is all of the days asked for.
stick() { said posthog "$1" "u.key || ' ' || u.value" ", json_each(c.value, '\$.expected.users_by_active_periods') u" | grep -v ' 0$'; }
peer_log "$peer/posthog/stick_day.csv" >"$scratch/in.csv"
from=2020-01-01 to=2020-01-08
is "PostHog: stickiness_day" "$(stick stickiness_day)" \
	"$(rows active_days,members --histogram --period year | grep -v '^0 \| 0$')"
# The histogram counts days. Of a group of one person the active weeks are those with a rate.
peer_log "$peer/posthog/stick_week.csv" | awk -F, -v OFS=, '{ print $0, NR == 1 ? "group" : $2 }' >"$scratch/in.csv"
from=2020-01-01 to=2020-02-15
is "PostHog: stickiness_week" "$(stick stickiness_week)" "$(rows group,active --period week --since 2019-12-30 |
	awk '$2 { n[$1]++ } END { for (u in n) m[n[u]]++; for (i = 1; i < 9; i++) if (m[i]) print i, m[i] }')"

# Kusto
peer_log "$peer/kusto_docs/activity.csv" >"$scratch/in.csv"
from=2017-08-01 to=2017-08-04
is "Kusto: events, users and new users of each day" \
	"$(said kusto_docs daily_activity_new_and_cumulative "(r.value ->> 0) || ' ' || (r.value ->> 1) || ' ' || (r.value ->> 2) || ' ' || (r.value ->> 3)" \
		", json_each(c.value, '\$.expected.rows') r")" "$(rows period,messages,active,new --lifecycle)"
# Everybody who was ever there is a member from his first day on.
is "Kusto: users so far" "$(said kusto_docs daily_activity_new_and_cumulative 'r.value ->> 4' ", json_each(c.value, '\$.expected.rows') r")" \
	"$(rows members)"

# The 3 days that end with a day: elapsed windows are asked for one by one.
peer_log "$peer/kusto_docs/sliding.csv" >"$scratch/all.csv"
for to in $(said kusto_docs sliding_3_day_counts 'r.value ->> 0' ", json_each(c.value, '\$.expected.rows') r"); do
	from=$(date -u -d "$to - 2 days" +%F)
	# A group begins with its first event: one day before all others.
	{ cat "$scratch/all.csv"; echo 2017-07-01T00:00:00Z,nobody; } >"$scratch/in.csv"
	rows messages,active --period 3d | sed "s/^/$to /"
done >"$scratch/have"
is "Kusto: 3 days that slide" "$(said kusto_docs sliding_3_day_counts "(r.value ->> 0) || ' ' || (r.value ->> 1) || ' ' || (r.value ->> 2)" \
	", json_each(c.value, '\$.expected.rows') r")" "$(cat "$scratch/have")"

# Retention of a base day: recurring cohorts of days, one row of them.
base() { # OPTION...: offset and people of the cohort of $from
	cohort-retention --period day --cohorts recurring --since "$from" --until "$(date -u -d "$from + 1 day" +%F)" \
		--columns offset,retained "$@" "$scratch/in.csv" 2>/dev/null | sed '1d;s/,/ /'
}
sums() { said "$1" "$2" "group_concat(cast(julianday(d.value) - julianday('2018-08-06') AS INTEGER) || ' ' || json_extract(c.value, '\$.expected.counts[' || d.key || ']'), ' ')" \
	", json_each(c.value, '\$.params.days') d"; }
from=2018-08-06
peer_log "$peer/clickhouse/retention_80_50_60.csv" >"$scratch/in.csv"
is "ClickHouse: retention_day12" "$(sums clickhouse retention_day12)" "$(base | line)"
is "ClickHouse: retention_day1" "$(sums clickhouse retention_day1)" "$(base | sed -n 1,2p | line)"
is "ClickHouse: retention_day2" "$(sums clickhouse retention_day2)" "$(base | sed -n '1p;3p' | line)"
peer_log "$peer/databend/retention_with_late_user.csv" >"$scratch/in.csv"
is "Databend: retention_late_user_not_counted" "$(sums databend retention_late_user_not_counted)" "$(base | line)"

# Flags of each person: who is behind the cells of the base day's cohort.
flags() { # FROM DAY-NUMBER...: "user flags" of everybody
	for k; do
		cohort-retention --period day --cohorts recurring --people "$from:$k" --columns user "$scratch/in.csv" 2>/dev/null |
			sed "1d;s/\$/ $k/"
	done >"$scratch/flags"
	sed 1d "$scratch/in.csv" | cut -d, -f 2 | sort -u | awk -v days="$*" '
	FILENAME != "-" { has[$1, $2] = 1; next }
	{ n = split(days, d, " "); s = $1; for (i = 1; i <= n; i++) s = s " " ((($1, d[i]) in has) + 0); print s }' "$scratch/flags" -
}
flagged() { said "$1" "$2" "u.key || ' ' || (SELECT group_concat(f.value, ' ') FROM json_each(u.value) f)" \
	", json_each(c.value, '\$.expected.flags_by_user') u"; }
is "Databend: retention_late_user_flags" "$(flagged databend retention_late_user_flags)" "$(flags 0 1 2 | grep '^999 ')"
from=2022-10-12
peer_log "$peer/doris/retention.csv" >"$scratch/in.csv"
is "Doris: retention_2days" "$(flagged doris retention_2days)" "$(flags 0 1)"
from=2024-01-01
peer_log "$peer/duckdb_behavioral/retention.csv" >"$scratch/in.csv"
is "duckdb-behavioral: retention_flags" "$(flagged duckdb_behavioral retention_flags)" "$(flags 0 1 2)"
# A day nobody was active on has no cohort, so nobody is behind its cells.
from=2024-01-05
is "duckdb-behavioral: retention_no_base" "$(flagged duckdb_behavioral retention_no_base)" "$(flags 0 1)"

# lifetimes counts days with an order after the first one, the days to the last, and their mean value.
orders() { awk -F, -v OFS=, 'NR == 1 { print "ts", "user", "type", "amount"; next }
	{ print $2 "T12:00:00Z", $1, "order", (NF > 2 ? $3 : 1) }' "$1" >"$scratch/in.csv"; }
orders "$peer/lifetimes_rfm/tx_small.csv"
# The model prints them in weeks, and three buyers are too few for it: others are put beside them.
awk -v OFS=, 'BEGIN {
	srand(5)
	for (u = 100; u < 300; u++)
		for (day = int(rand() * 20); day < 336 && (n[u]++ == 0 || rand() < 0.7); day += 1 + int(rand() * 40))
			print sprintf("2014-%02d-%02dT12:00:00Z", 1 + day / 28, 1 + day % 28), u, "order", 1
}' >>"$scratch/in.csv"
is "lifetimes: frequency, recency and age" \
	"$(said lifetimes_rfm rfm_days "(r.value ->> 0) || ' ' || (r.value ->> 1) || ' ' || (r.value ->> 2) || ' ' || (r.value ->> 3)" \
		", json_each(c.value, '\$.expected.rows') r")" \
	"$(repurchase --clv --as-of 2015-02-07 --columns user,frequency,t_x,T "$scratch/in.csv" 2>"$scratch/err" |
		awk -F, '$1 ~ /^[123]$/ { printf "%d %d %.0f %.0f\n", $1, $2, 7 * $3, 7 * $4 }')"
orders "$peer/lifetimes_rfm/tx_unordered.csv"
# --rfm has all the money of a buyer: the first day's is taken off here.
is "lifetimes: the first order is the earliest by date" "$(said lifetimes_rfm rfm_unordered_rows "r.value ->> 1" \
	", json_each(c.value, '\$.expected.rows') r")" \
	"$(repurchase --rfm --as-of 2014-05-21 --columns frequency,monetary "$scratch/in.csv" 2>"$scratch/err" |
		awk -F, 'NR > 1 { print ($2 - 10) / ($1 - 1) }')"
finish
