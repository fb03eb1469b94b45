#!/bin/sh
# What --define prints runs alone: on the records that its own comment says how to make, on a table with
# times without a zone, beside the user's own tables, for every program on an empty input. The tests
# called oracle-* and those of the programs hold every table to its script on random logs.
. tests/lib.sh

# on_sqlite RAW SCRIPT: the table that the script prints
on_sqlite() { sqlite3 -cmd '.output /dev/null' -cmd '.dbconfig dqs_dml off' -cmd .output -cmd ".import --csv '$1' raw" :memory: ".read '$2'" 2>&1; }
# runs NAME RAW COMMAND FILE: the program's table of FILE is that of its script on RAW
runs() {
	sh -c "$3 --define" >"$scratch/define.sql" 2>"$scratch/err" || show "$scratch/err"
	on_sqlite "$2" "$scratch/define.sql" >"$scratch/want"
	sh -c "$3 -q -o csv '$4'" >"$scratch/have" 2>&1
	if cmp -s "$scratch/want" "$scratch/have"; then pass "$1"; else
		fail "$1"
		diff "$scratch/want" "$scratch/have" | sed 's/^/#   /' | head -n 10
	fi
}

# --- the zone is that of zone.sql, written by hand --------------------------------------------------

for zone in UTC Asia/Shanghai America/New_York America/Havana; do
	activity-rate --tz $zone --define >"$scratch/define.sql"
	printf 'ts,group,user,name,type,text,amount,order_id,product,qty,ref,source,role,id\n' >"$scratch/none.csv"
	is "the offsets of $zone" 0 "$(sqlite3 -cmd '.read tests/oracle/zone.sql' -cmd 'ALTER TABLE zone RENAME TO hand' \
		-cmd ".import --csv $scratch/none.csv raw" -cmd ".output $scratch/out" -cmd ".read $scratch/define.sql" -cmd .output \
		:memory: "SELECT count(*) FROM hand h WHERE name = '$zone' AND offset_us <> (
			SELECT offset_us FROM zone z WHERE z.from_us <= h.from_us ORDER BY z.from_us DESC LIMIT 1)
		OR from_us > 1750000000000000 AND name = '$zone' AND NOT EXISTS (
			SELECT * FROM zone z WHERE z.from_us = h.from_us) OR name = '$zone' AND EXISTS (SELECT * FROM zone z
			WHERE z.from_us BETWEEN 1735000000000000 AND 1830000000000000 AND NOT EXISTS (
				SELECT * FROM hand g WHERE g.name = '$zone' AND g.from_us = z.from_us))")"
done

# --- names as ids, local times, columns of the user's -----------------------------------------------

cat >"$scratch/names.csv" <<'X'
time,room,nickname,message,"my ""city""",worth
2026-03-07 23:30:00,tea,Ann,hi,SH,
2026-03-08 02:30:00,tea,Ben,"ho, ho",BJ,
2026-03-08 10:00:00,tea,Ann,again,SH,
2026-03-09 00:00:00,rice,Ann,hi,,
2026-03-16 12:00:00,rice,Cai,x,"a,b",
2026-11-01 01:30:00,rice,Cai,x,SH,
2026-11-01 12:30:00,tea,Ben,y,BJ,
X
# The command that the comment gives makes the records; columns beside the canonical ones are added.
made() { # COMMAND
	sh -c "$1 --define" | sed -n "s|^--   chat-cat \(.*\) FILE... > raw.csv|chat-cat \1 '$scratch/names.csv'|p" >"$scratch/command"
	sh "$scratch/command"
}
map="--map ts=time --map group=room --map name=nickname --map text=message --tz America/New_York"
made "activity-rate $map" >"$scratch/raw.csv"
is "the comment's command reads what the program reads" '2026-03-08T03:30:00-04:00 tea Ben' \
	"$(tr '\037' , <"$scratch/raw.csv" | sed -n 's/^\(2026-03-08T03[^,]*\),\([^,]*\),\([^,]*\),.*/\1 \2 \3/p')"
runs "names are people of their group" "$scratch/raw.csv" "activity-rate --total $map" "$scratch/names.csv"
runs "people are printed by name" "$scratch/raw.csv" \
	"churn-list --silent 7d --class silent,cooling,newcomer --where 'user!=Cai' $map" "$scratch/names.csv"
printf 'group,user,role\ntea,Ann,\ntea,Ben,\nrice,Ann,vip\nrice,Ben,\nrice,Dan,\n' >"$scratch/list.csv"
for program in activity-rate 'activity-rate --total' 'churn-list --silent 1d --class silent,never-spoke,newcomer' \
	'cohort-retention --by role,user' 'funnel --steps message,message --levels'; do
	runs "names on a list: $program" "$scratch/raw.csv" "$program --roster '$scratch/list.csv' $map" "$scratch/names.csv"
done

# A table with local times, and a column with a name that needs quotes.
cat >"$scratch/own.csv" <<'X'
ts,group,user,name,type,text,amount,order_id,product,qty,ref,source,role,id,"my ""city"
2026-03-07 23:30:00,tea,Ann,,,hi,,,,,,,,,SH
2026-03-08 02:30:00,tea,Ben,,join,"ho, ho",,,,,,,,,BJ
2026-03-08 10:00:00,tea,Ann,,order,,20,,,,,,,,SH
2026-03-09 00:00:00,rice,Ann,,,hi,,,,,,,,,
2026-03-16 12:00:00,rice,Cai,,,x,,,,,,,,,"a,b"
2026-11-01 01:30:00,rice,Cai,,,x,,,,,,,,,SH
2026-11-01 12:30:00,tea,Ben,,leave,y,,,,,,,,,BJ
X
runs "local times, and columns of the user's" "$scratch/own.csv" \
	"cohort-retention --by 'my \"city' --tz America/New_York" "$scratch/own.csv"
prints "which the comment names" '^--   my "city$' "cohort-retention --by 'my \"city' --define"

# --- nothing of the user's is touched ---------------------------------------------------------------

sqlite3 -cmd ".import --csv $scratch/own.csv raw" "$scratch/own.db" 'CREATE TABLE event(a); INSERT INTO event VALUES (1);
	CREATE TABLE result AS SELECT 2 AS b; CREATE TABLE opt(c)'
sqlite3 "$scratch/own.db" .dump >"$scratch/before"
cohort-retention --define >"$scratch/define.sql"
for time in first second; do
	is "the $time run prints the table" "$(cohort-retention -q "$scratch/own.csv")" "$(sqlite3 "$scratch/own.db" <"$scratch/define.sql" 2>&1)"
done
is "and leaves nothing behind" '' "$(sqlite3 "$scratch/own.db" .dump | diff "$scratch/before" -)"

# --- empty input ------------------------------------------------------------------------------------

while read -r program; do
	runs "no records: $program" "$scratch/none.csv" "$program" "$scratch/none.csv"
	runs "no records by now: $program" "$scratch/own.csv" "$program --as-of 2020-01-01" "$scratch/own.csv"
done <<X
activity-rate
activity-rate --total --lifecycle --rolling
activity-rate --histogram
churn-list
churn-list --summary
cohort-retention
cohort-retention --by source,group
cohort-retention --wide --average pooled
cohort-retention --survival --summary
cohort-retention --hazard 0-7,8-
cohort-retention --people 2026-01-05:1
funnel --steps join,message
funnel --steps join,message --windows 1d,7d
funnel --steps join,message --levels
funnel --steps join,message --clickhouse strict_once
funnel --steps join,message --list 1:reached
repurchase
repurchase --by product
repurchase --within 30,60
repurchase --ladder
repurchase --gaps
repurchase --rfm
X
exits "a list of the wrong kind is an error" 1 "activity-rate --roster '$scratch/none.sql' --define"

# --- BG/NBD -----------------------------------------------------------------------------------------

# Buyers of the model's own making: a rate each (gamma), and after each order a chance to stop (beta).
awk 'function uniform() { state = state * 16807 % 2147483647; return state / 2147483647 }
function gamma(shape,   sum, u, v) { # Ahrens and Dieter, GS, for shape <= 1; sums of it beyond
	for (sum = 0; shape > 1; shape--) sum -= log(uniform())
	for (;;) {
		u = uniform() * (1 + shape / 2.718281828459045)
		if (u <= 1) { v = u ^ (1 / shape); if (log(uniform()) <= -v) return sum + v }
		else { v = -log((1 + shape / 2.718281828459045 - u) / shape); if (log(uniform()) <= (shape - 1) * log(v)) return sum + v }
	}
}
BEGIN {
	state = 20260301
	print "ts,user,type,order_id,amount"
	for (u = 1; u <= 400; u++) {
		rate = gamma(0.8) / 5
		x = gamma(0.9)
		stop = x / (x + gamma(2.5))
		for (day = int(uniform() * 90); day < 365; day += int(7 * -log(uniform()) / rate) + 1) {
			print 1767225600 + 86400 * day "," "u" u ",order," ++n ",10"
			if (uniform() < stop) break
		}
	}
}' >"$scratch/shop.csv"
model() { # NAME COMMAND FILE: the model's tables are those of the script, but for its six digits
	sh -c "chat-cat --tz UTC $(echo "$2" | grep -o -- '--\(map\|set\) [^ ]*' | tr '\n' ' ') '$3'" >"$scratch/raw.csv"
	sh -c "$2 --clv --params '$3'" >"$scratch/params.csv"
	for table in --params ''; do
		sh -c "$2 --clv $table --define" >"$scratch/define.sql"
		sqlite3 -cmd ".import --csv $scratch/raw.csv raw" -cmd ".import --csv $scratch/params.csv params" \
			:memory: ".read $scratch/define.sql" >"$scratch/want"
		sh -c "$2 --clv $table '$3'" >"$scratch/have"
		is "$1: ${table:-the buyers}" '' "$(paste -d '|' "$scratch/want" "$scratch/have" | awk -F '|' '
			{ n = split($1, a, ","); if (n < 6 || split($2, b, ",") != n) { print; next }
			for (i = 1; i <= n; i++) if (a[i] != b[i] && (a[i] == "" || b[i] == "" || (a[i] - b[i]) ^ 2 > 9e-12 * (1 + a[i] ^ 2))) { print; next } }')"
	done
	# At the top every parameter, a thousandth up or down, is worse, and a parabola through the three has its
	# top within a hundred thousandth.
	sh -c "$2 --clv --params --define" | sed "s/printf('%.6f', sum(\(.*\)))/printf('%.12f', sum(\1))/" >"$scratch/define.sql"
	awk -F, -v OFS=, 'NR == 1 { print; next } { print; for (i = 1; i <= 4; i++) for (s = -1; s <= 1; s += 2) { v = $i; $i = sprintf("%.12g", v * (1 + s / 1000)); print; $i = v } }' \
		"$scratch/params.csv" >"$scratch/around.csv"
	line=1
	while read -r point; do
		[ $line = 1 ] && head="$point" || {
			printf '%s\n%s\n' "$head" "$point" >"$scratch/point.csv"
			sqlite3 -cmd ".import --csv $scratch/raw.csv raw" -cmd ".import --csv $scratch/point.csv params" :memory: \
				".read $scratch/define.sql" | sed '1d;s/^\([^,]*,\)\{4\}//;s/,.*//'
		}
		line=$((line + 1))
	done <"$scratch/around.csv" >"$scratch/heights"
	is "$1: no slope at the fit" 4 "$(awk 'NR == 1 { top = $1 } NR % 2 == 0 { low = $1 }
		NR > 1 && NR % 2 { bend = low + $1 - 2 * top; off = ($1 - low) / (2 * bend) / 1000
			n += low < top && $1 < top && off ^ 2 < 1e-10 } END { print n + 0 }' "$scratch/heights")"
}
model "made buyers" "repurchase" "$scratch/shop.csv"
d=$QUN_SHARED/data/cdnow_sample/orders.csv
if [ -r "$d" ]; then
	model "CDNOW" "repurchase --set type=order --map user=customer_id --map ts=date --map amount=value --zero-ok --as-of 1997-09-30" "$d"
else
	skip "CDNOW" "$d is not there"
fi
finish
