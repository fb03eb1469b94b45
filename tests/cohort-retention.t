#!/bin/sh
# cohort-retention from the outside: its further tables against the first one, what it refuses, what it
# says. Numbers are checked against SQL in tests/oracle-cohort.t and tests/oracle-survival.t.
. tests/lib.sh

log=$scratch/log.csv
awk -v seed=11 -v users=30 -v events=500 -v groups=2 -f tests/random.awk >"$log"
run="cohort-retention $log 2>/dev/null"

# --wide is the rates of the long table, one cohort a row.
pivot() {
	awk -F, 'NR > 1 { if (!($1 in size)) { row[n++] = $1; size[$1] = $2 } rate[$1, $3] = $6; if ($3 > last) last = $3 }
	END {
		line = "cohort,size"
		for (k = 0; k <= last; k++) line = line "," k
		print line
		for (i = 0; i < n; i++) {
			line = row[i] "," size[row[i]]
			for (k = 0; k <= last; k++) line = line "," rate[row[i], k]
			print line
		}
	}'
}
for options in '' '--average pooled' '--average=simple --mode streak --periods 5' '--clock elapsed' '--min-cell 3' \
	'--min-cell 2 --average pooled --period month'; do
	cohort-retention $options "$log" 2>/dev/null | pivot >"$scratch/want"
	is "--wide $options is the long table turned" "$(cat "$scratch/want")" \
		"$(cohort-retention --wide $options "$log" 2>/dev/null)"
done
is "--wide by brackets has their labels" "cohort,size,0,1,2-6,7-13" \
	"$(cohort-retention --wide --mode bracket --brackets 1,2-6,7-13 "$log" 2>/dev/null | head -n 1)"

# --people are as many as the cell says; with --lost the rest of the eligible.
for options in '' '--mode before' '--mode member --unit member' '--cohorts recurring --clock elapsed' \
	'--mode bracket --brackets 1-6,7-13'; do
	cohort-retention $options --period month "$log" 2>/dev/null | awk -F, 'NR > 1 { print $1 ":" $3, $5, $4 - $5 }' >"$scratch/cells"
	while read -r cell retained lost; do
		[ "$(cohort-retention $options --period month --people "$cell" "$log" 2>/dev/null | sed 1d | wc -l)" -eq "$retained" ] &&
			[ "$(cohort-retention $options --period month --people "$cell" --lost "$log" 2>/dev/null | sed 1d | wc -l)" -eq "$lost" ] ||
			echo "$cell: not $retained and $lost"
	done <"$scratch/cells" >"$scratch/bad"
	is "--people $options: as many as the cells say" "" "$(cat "$scratch/bad")"
done
first=$(sh -c "$run" | sed -n '2s/,.*//p')
same "--people takes any date of the cohort's period" "cohort-retention --people $first:1 $log" \
	"cohort-retention --people $(sqlite3 :memory: "SELECT date('$first', '3 days')"):1 $log"
is "--people beyond the newest period are nobody" "user,name" "$(cohort-retention --people "$first:500" "$log" 2>/dev/null)"
is "--people obey --sort and --top" "2" \
	"$(cohort-retention --people "$first:0" --sort user:desc --top 1 -c user "$log" 2>/dev/null | wc -l | tr -d ' ')"

# The example of Mixpanel's documentation at a hundredth: 10 of whom 5 return, 5 of whom 4, and a third
# cohort that is not finished. Pooled 60 %, the mean of the rates 65 %.
awk -v OFS=, 'function day(n) { return 1704067200 + n * 604800 }
BEGIN {
	print "ts,user,type"
	print day(-1), "zoe", "message"
	for (i = 0; i < 15; i++) {
		w = i >= 10
		print day(w), "u" i, "message"
		if (i < 5 || i >= 11) print day(w + 1), "u" i, "message"
	}
	print day(3), "late", "message"
}' >"$scratch/mixpanel.csv"
for kind in pooled:0.600000 simple:0.650000; do
	is "--average ${kind%:*}" "all,15,1,15,9,${kind#*:}" \
		"$(cohort-retention --average "${kind%:*}" "$scratch/mixpanel.csv" | grep '^all,15,1,' | cut -d , -f 1-6)"
done
is "people pooled from recurring cohorts have no interval" "all,1,,,0" \
	"$(cohort-retention --average pooled --cohorts recurring -c cohort,offset,lo,hi,truncated "$scratch/mixpanel.csv" |
		grep '^all,1,')"
prints "all is a line of the triangle" '^all +15 ' "cohort-retention -o table --average pooled $scratch/mixpanel.csv"

# A join belongs to the membership that it opens, though the one before ends in the same instant.
printf '%s\n' ts,group,user,type,source '2026-01-05 09:00:00,g,ann,message,' '2026-01-06 09:00:00,g,ann,leave,' \
	'2026-01-06 09:00:00,g,ann,join,qr' >"$scratch/back.csv"
for birth in join 'join|order'; do
	is "--by source of a birth that came back: $birth" qr \
		"$(cohort-retention --by source --birth "$birth" -c source "$scratch/back.csv" | sed 1d)"
done

# Of messages of one instant in two groups the first by their texts decides, whoever reads them.
printf '%s\n' ts,group,user,type,source,text '2026-01-05 09:00:00,tea,ann,join,qr,' '2026-01-06 09:00:00,tea,ann,message,,a' \
	'2026-01-06 09:00:00,rice,ann,message,,b' >"$scratch/instant.csv"
for reader in fast reference; do
	is "--by source of births of one instant: $reader" qr \
		"$(cohort-retention --by source --reader $reader -c source "$scratch/instant.csv" | sed 1d)"
done

# --seen: not new, and nothing is truncated; a join is a join.
cat >"$scratch/seen.csv" <<'EOC'
ts,group,user,type
2026-01-05 10:00:00,g,ann,message
2026-01-05 10:00:01,g,bob,join
2026-01-06 10:00:00,g,cai,message
EOC
echo ann >"$scratch/seen.txt"
is "--seen FILE" "2026-01-05,2,0" "$(cohort-retention --seen "$scratch/seen.txt" --birth 'message|join' -c cohort,size,truncated "$scratch/seen.csv" | sed 1d)"
is "--seen IDS, and a join" "2026-01-05,1,0" "$(cohort-retention --seen bob,ann --birth join -c cohort,size,truncated "$scratch/seen.csv" | sed 1d)"
exits "--seen where nobody is called new" 2 "funnel --steps join,message --seen ann $scratch/seen.csv"

# Money: an order of unknown amount empties the cells that hold it, and only those.
cat >"$scratch/orders.csv" <<'EOC'
ts,user,type,order_id,amount
2026-01-05 10:00:00,ann,order,1,10.50
2026-01-06 10:00:00,bob,order,2,
2026-01-13 10:00:00,ann,order,3,20
2026-01-13 10:00:00,bob,order,4,1
2026-01-14 10:00:00,bob,refund,4,0.25
2026-01-20 10:00:00,ann,order,5,3
EOC
is "--value amount" "0,, 1,20.75,10.375000 2,3.00,1.500000" \
	"$(cohort-retention --birth order --return order --value amount -c offset,value,value_per_person "$scratch/orders.csv" |
		sed 1d | paste -sd ' ' -)"
is "--value amount --mode after" "0,, 1,23.75,11.875000 2,3.00,1.500000" \
	"$(cohort-retention --birth order --return order --value amount --mode after -c offset,value,value_per_person "$scratch/orders.csv" |
		sed 1d | paste -sd ' ' -)"

says "--survival says who is left out" 'without a known date of joining, left out: [0-9]+' "cohort-retention --survival $log"
says "--hazard too" 'without a known date of joining, left out: [0-9]+' "cohort-retention --hazard 0- $log"
says "and what removal is" 'not independent censoring' "cohort-retention --survival $log"
is "but not where it is churn" 0 "$(cohort-retention --survival --removed churn "$log" 2>&1 | grep -c independent)"

for options in '--survival --hazard 1' '--survival --people 2026-01-05:1' '--survival --wide' '--hazard 1 --average pooled' \
	'--people 2026-01-05:1 --value amount' '--wide --value amount' '--summary' '--lost' '--average simple --mode after' \
	'--value amount --mode member' '--survival --mode after' '--hazard 1 --return message' '--hazard 1-,x' '--hazard 5-2' \
	'--people 2026-01-05' '--people 5:1' '--people 2026-02-30:1' '--people 2026-01-05:-1' \
	'--people 2026-01-05:9-9 --mode bracket' '--value x' '--average mean'; do
	exits "refused: $options" 2 "cohort-retention $options $log"
done
says "two tables are both named" '--survival and --hazard exclude each other' "cohort-retention --survival --hazard 1 $log"
finish
