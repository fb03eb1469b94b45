#!/bin/sh
# All programs against what --define prints, on real data of other people. The scripts are slow: of the
# large sets every Nth person is taken, in the order in which people appear.
. tests/lib.sh
. tests/oracle.sh
D=$QUN_SHARED/data

# take NTH OPTION... [FILE]...: the set's canonical records, or those of $raw, and half of its people on a
# list with one who is nowhere else.
take() {
	nth=$1
	shift
	oracle_open "$set_"
	oracle_log=$oracle_dir/log.csv
	chat-cat --tz UTC "$@" 2>"$scratch/err" <"$raw" | awk -F, -v nth="$nth" '
		NR > 1 && !($3 in of) { of[$3] = ++people }
		NR == 1 || of[$3] % nth == 0' >"$oracle_log"
	oracle_take "$nth"
	sqlite3 -csv -header -cmd ".import --csv $oracle_log raw" :memory: "SELECT \"group\", user FROM (
		SELECT \"group\", user, row_number() OVER (ORDER BY min(rowid)) AS n FROM raw WHERE user <> '' GROUP BY 1, 2)
		WHERE n % 2 UNION ALL SELECT '-', 'nobody'" >"$oracle_roster.csv"
}
raw=$scratch/raw
there() { # SET FILE [LINES]: false, and said, where it is missing
	set_=$1
	[ -r "$D/$1/$2" ] || { skip "$1" "$D/$1/$2 is not there"; return 1; }
	case $2 in
	*.xz) xz -dc "$D/$1/$2" | sed "${3:-\$}q" >"$raw" ;;
	*) : >"$raw" ;;
	esac
}
try() { # PROGRAM NAME=VALUE...
	oracle_program=$1
	shift
	oracle_case "$@"
}
# No table is empty.
close() {
	oracle_program=$set_
	oracle_close 1
	is "$set_: each case has rows" '' "$(for f in "$oracle_dir"/*.want; do
		[ "$(sed 2q "$f" | wc -l)" -gt 1 ] || cat "${f%.want}.words"
	done)"
	rm -rf "$oracle_dir"
}

# --- chats and commits -----------------------------------------------------------------------------

if there slack_export users.json; then
	take 1 "$D/slack_export/users.json" "$D/slack_export"/*/2*.json
	try activity-rate period=week talk=1 lifecycle=1 rolling=1
	try activity-rate period=month total=1 tz=America/Chicago denominator=end
	try activity-rate summary=1 event_days=1 period=day
	try cohort-retention period=month by=group
	try cohort-retention period=month mode=member
	try cohort-retention survival=1 unit=member
	try cohort-retention survival=1 summary=1 unit=member by=source
	try churn-list silent=auto
	try churn-list summary=1 roster=1
	try churn-list cleanup=1 quota=5 silent=30d
	try funnel steps=join,message window=30d by=source
	close
fi
if there fluid_irc events.csv.xz; then
	take 105
	try activity-rate period=month talk=1 lifecycle=1
	try activity-rate period=quarter denominator=start total=1
	try cohort-retention period=quarter by=group mode=after
	try cohort-retention period=quarter mode=member rejoin=1d unit=member
	try cohort-retention period=month wide=1 as_of=2018-01-01
	try cohort-retention survival=1 unit=member rejoin=36h
	try cohort-retention hazard=0-1,2-7,8-28,29- by=group
	try churn-list silent=auto as_of=2018-06-30
	try churn-list summary=1 silent=60d tz=America/Toronto
	try funnel steps=join,message,leave window=7d by=group
	try funnel steps=join,message clickhouse=strict_order levels=1
	close
fi
if there developers_irc events.csv.xz 200000; then
	# to the minute, so that many things happen at one instant
	take 40
	try activity-rate period=week no_flood=1 talk=1 tz=America/Los_Angeles
	try cohort-retention period=week mode=member removed=churn rejoin=0d
	try cohort-retention period=week mode=before clock=elapsed
	try churn-list bounds=1 silent=3d
	try funnel steps=join,message,leave window=1d exclude=leave
	try funnel steps=join,message,leave order=strict count=entries window=12h
	close
fi
if there zig_irc messages.csv.xz; then
	take 25 --map user=user_id
	try activity-rate period=week rolling=1 tz=America/New_York day_start=04:00
	try activity-rate period=month no_flood=1
	try activity-rate histogram=1 period=quarter
	try cohort-retention period=quarter mode=streak average=pooled
	try cohort-retention period=28d clock=elapsed since=2020-01-01
	try cohort-retention period=month mode=bracket brackets=1-7,8-28,29-90
	try churn-list silent=30d
	try funnel steps=message,message window=1d order=strict mature=1 since=2020-01-01
	close
fi
if there lean_zulip_json graph-theory.json; then
	take 3 --map user=sender_full_name "$D/lean_zulip_json/graph-theory.json"
	try activity-rate period=month total=1
	try cohort-retention period=month unit=user
	try cohort-retention period=week min_events=2
	try churn-list floor=0.5
	close
fi
if there collegemsg messages.csv; then
	take 20 --map user=sender --map ref=recipient "$D/collegemsg/messages.csv"
	try activity-rate period=week lifecycle=1 talk=1 tz=America/Los_Angeles
	try cohort-retention period=week mode=before confidence=0.9
	try cohort-retention period=week cohorts=recurring min_events=3
	try cohort-retention people=2004-04-26:4
	try cohort-retention people=2004-04-26:4 lost=1
	try churn-list silent=14d class=silent,cooling overdue=3
	try funnel steps=message,message window=2d count=entries until=2004-05-15
	close
fi
if there curl_commits commits.csv.xz; then
	# times with their offset; 26 years
	take 15 --map user=author --map ts=committed
	try activity-rate period=year lifecycle=1 tz=Europe/Stockholm
	try activity-rate period=quarter histogram=1 week_start=sun
	try cohort-retention period=year mode=streak
	try cohort-retention period=month wide=1 since=2015-01-01 until=2017-01-01
	try churn-list silent=auto cleanup=1
	close
fi

# --- shops -----------------------------------------------------------------------------------------

if there taobao_behavior events.csv.xz; then
	# What is seen and what is put aside are words of the set's own.
	take 40 --map user=user_id --map type=behavior --map product=item_id
	try funnel steps=pv,buy window=1d levels=1
	try funnel steps=cart,buy window=none tz=Asia/Shanghai
	try funnel steps=cart,buy window=2d hold=product
	try funnel steps=fav,cart,buy order=any window=3d
	try funnel steps=cart,fav,buy clickhouse=strict_increase windows=1d,none
	try cohort-retention period=day active=buy tz=Asia/Shanghai
	try activity-rate period=day 'active=pv|buy|cart|fav' rolling=1 tz=Asia/Shanghai
	close
fi
if there cdnow_sample orders.csv; then
	take 8 --set type=order --map user=customer_id --map ts=date --map amount=value "$D/cdnow_sample/orders.csv"
	try repurchase zero_ok=1 within=30,90,180
	try repurchase period=month collapse=day
	try repurchase ladder=1 zero_ok=1
	try repurchase gaps=1 collapse=day
	try repurchase rfm=1 bins=4 as_of=1997-12-31
	try cohort-retention period=month birth=order return=order value=amount
	close
fi
if there relay_foods orders.csv; then
	take 2 --set type=order --map user=UserId --map ts=OrderDate --map amount=TotalCharges --map order_id=OrderId \
		"$D/relay_foods/orders.csv"
	try repurchase period=quarter
	try repurchase rfm=1
	try cohort-retention period=month birth=order return=order average=simple
	try churn-list winback=1 silent=60d roster=1 class=buyer-silent,silent,never-spoke
	close
fi
if there online_retail lines.csv.xz; then
	# An order is an invoice of many lines; an invoice C... takes back, and is an order of its own.
	take 90 --set type=order --map user=CustomerID --map ts=InvoiceDate \
		--map order_id=InvoiceNo --map product=StockCode --map amount=UnitPrice --map qty=Quantity
	try repurchase period=month within=30
	try repurchase by=product period=quarter
	try repurchase ladder=1
	try cohort-retention period=month birth=order return=order value=amount mode=after
	try cohort-retention period=quarter birth=order return=order by=product
	close
fi
finish
