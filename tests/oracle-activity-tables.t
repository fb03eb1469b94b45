#!/bin/sh
# activity-rate --histogram and --summary against their definitions in SQL, over random logs.
. tests/lib.sh
. tests/oracle.sh

random_log() {
	oracle_log $1 -v events=$((60 + $1 * 61 % 300)) -v users=$((4 + $1 * 3 % 19)) \
		-v groups=$((1 + $1 % 4)) -v floods=$(($1 % 2 * 10))
}

# Cases on stdin, a line each; the logs take them in turn.
measure() { # ROWS
	cat >"$scratch/cases"
	oracle_open activity-rate
	oracle_rounds "$scratch/cases" 30 5 random_log
	oracle_close "$1"
	rm -rf "$oracle_dir"
}

measure 10 <<'EOC'
histogram=1 period=day
histogram=1 period=week
histogram=1 period=month tz=America/New_York
histogram=1 period=10d tz=Asia/Shanghai
histogram=1 period=week total=1 week_start=sun
histogram=1 period=week denominator=end no_flood=1
histogram=1 period=month denominator=start include_staff=1
histogram=1 period=week as_of=@50 since=@20
histogram=1 period=quarter total=1 no_flood=1 day_start=04:00 tz=America/Havana
histogram=1 period=week group=g1 where=message
histogram=1 period=month roster=1 active=message|vote
EOC

measure 2 <<'EOC'
summary=1 event_days=1 period=day
summary=1 event_days=1 period=day denominator=end tz=Asia/Shanghai
summary=1 event_days=1 period=day total=1
summary=1 event_days=1 period=day total=1 denominator=mean
summary=1 event_days=1 period=day denominator=5
summary=1 event_days=1 period=day since=@20 until=@70 tz=America/New_York
summary=1 event_days=1 period=day as_of=@60 no_flood=1
summary=1 event_days=1 period=day denominator=start group=g* include_staff=1
summary=1 event_days=1 period=day since=@40 until=@46 total=1
EOC
finish
