#!/bin/sh
# cohort-retention --survival, --summary and --hazard against their definition in SQL, over random
# logs.
. tests/lib.sh
. tests/oracle.sh

# Members whom a log knows since its beginning joined before it, on a roster with dates; who left the
# log's group is not on it.
oracle_list() {
	echo 'group,user,name,joined,left,role'
	awk -F, -v first="$oracle_first" -v late="$(oracle_date @40)" '
	$2 == "g1" { named = 1 }
	($2 == "g1" || $2 == "-" || $2 == "") && $3 ~ /^u[0-9]+$/ {
		seen[$2 == "g1", $3] = 1
		if (/,(leave|quit|part|kick),/)
			gone[$2 == "g1", $3] = 1
	}
	END {
		g = named ? "g1," : "-,"
		for (i = 1; i <= 99; i++)
			if ((named + 0, "u" i) in seen && !((named + 0, "u" i) in gone) && i % 5)
				print g "u" i ",," (i % 3 ? substr(first, 1, 4) - 1 substr(first, 5) "T0" i % 10 ":00:00Z" : "") ",,"
		for (i = 1; i <= 6; i++)
			print g "s" i ",," first "T0" i ":00:00Z," (i % 2 ? late "T05:00:00Z" : "") ","
		print g "s7,,,,"
	}'
}

cat >"$scratch/cases" <<'EOC'
survival=1 unit=member
survival=1
survival=1 unit=member by=source
survival=1 unit=member tz=Asia/Shanghai removed=churn
survival=1 by=group
survival=1 unit=member rejoin=0d
survival=1 unit=member rejoin=30d tz=America/New_York
survival=1 roster=1 unit=member
survival=1 roster=1
survival=1 roster=1 unit=member by=role include_staff=1
survival=1 roster=1 by=group,city removed=churn
survival=1 unit=member since=@20 until=@70
survival=1 unit=member as_of=@60 include_staff=1
survival=1 day_start=04:00 group=g*
survival=1 summary=1 unit=member
survival=1 summary=1 unit=member by=source
survival=1 summary=1 roster=1 unit=member by=role
survival=1 summary=1 by=group removed=churn tz=America/New_York
survival=1 roster=dated unit=member
survival=1 roster=all by=group confidence=0.9
survival=1 summary=1 roster=dated by=role,city unit=member include_staff=1
hazard=0-1,2-7,8-28,29- unit=member
hazard=0,1-3,2-9,200- unit=member by=source
hazard=0-30,31- roster=1 by=group
hazard=0-6,7-400 removed=churn as_of=@50 tz=Asia/Shanghai
EOC

oracle_open cohort-retention
random_log() {
	oracle_log $1 -v events=$((300 + $1 * 37 % 500)) -v users=$((30 + $1 * 5 % 60)) \
		-v groups=$((1 + $1 % 3))
}
oracle_rounds "$scratch/cases" 40 5 random_log
oracle_close 2
finish
