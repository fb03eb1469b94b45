#!/bin/sh
# activity-rate: floods at their edges, days with labels, the histogram, and refusals.
. tests/lib.sh

# Floods: 8 messages within 60 s, edges included; one text 3 times within 10 min.
flood() { # SECONDS OF THE LAST OF EIGHT
	echo 'ts,group,user,type,text'
	for s in 00 01 02 03 04 05 06; do echo "2026-01-05 09:00:$s,g,ann,message,t$s"; done
	echo "2026-01-05 09:0$1,g,ann,message,t"
	echo '2026-01-06 09:00:00,g,bob,message,x'
}
share() { activity-rate -q --no-flood -c messages,active,flood_share "$@" | sed -n 2p; }
is "8 in 60 s are a flood, the first one too" "0,0,1.000000" "$(flood 1:00 | share)"
is "8 in 61 s are none" "8,1,0.000000" "$(flood 1:01 | share)"
echoes() {
	echo 'ts,group,user,type,text'
	echo "2026-01-05 09:00:00,g,ann,message,$2"
	echo "2026-01-05 09:05:00,g,ann,message,$2"
	echo "2026-01-05 09:10:0$1,g,ann,message,$2"
	echo '2026-01-06 09:00:00,g,bob,message,x'
}
is "a text 3 times in 10 min is a flood" "0,0,1.000000" "$(echoes 0 +1 | share)"
is "in 10 min and a second it is none" "3,1,0.000000" "$(echoes 1 +1 | share)"
is "no text is no text" "3,1,0.000000" "$(echoes 0 '' | share)"
is "of two people it is none" "3,2,0.000000" "$(echoes 0 +1 | sed '3s/ann/bob/' | share)"
is "in two groups it is none" "3,1,0.000000" "$(echoes 0 +1 | sed '3s/,g,/,h,/' | share --total)"
is "other events of that day still make active" "0,1,1.000000" "$( (echoes 0 +1; echo '2026-01-05 12:00:00,g,ann,reaction,') | share)"
is "--where chooses what a flood is made of" "2,1,0.000000" "$(echoes 0 +1 | sed '3s/+1/no/' | share --where 'message & text!=no')"
is "who floods is a member all the same" 1 "$(flood 1:00 | activity-rate -q --no-flood -c members | sed -n 2p)"
is "without the option nothing is left out" "8,1" "$(flood 1:00 | activity-rate -q -c messages,active | sed -n 2p)"

# A split of the input, and any order of it, changes nothing.
awk -v seed=5 -v events=400 -v users=9 -v floods=30 -f tests/random.awk >"$scratch/log.csv"
(head -n 1 "$scratch/log.csv"; sed 1d "$scratch/log.csv" | grep -v '^line' | grep '^20.*[^"]$' | sort -t, -k 4 -k 1r) >"$scratch/other.csv"
(head -n 1 "$scratch/log.csv"; sed 1d "$scratch/other.csv" | sort) >"$scratch/sorted.csv"
same "floods do not depend on the order of records" "activity-rate -q --no-flood $scratch/other.csv" \
	"activity-rate -q --no-flood $scratch/sorted.csv"

cat >"$scratch/day.csv" <<'X'
ts,group,user,type,text
2026-01-05 09:00:00,g,ann,message,a
2026-01-05 10:00:00,g,bob,message,b
2026-01-06 09:00:00,g,ann,message,c
2026-01-07 09:00:00,g,ann,message,d
2026-01-07 10:00:00,g,bob,message,e
2026-01-08 09:00:00,g,bob,message,f
2026-01-09 09:00:00,g,bob,message,g
X
printf 'label,date\nsale,2026-01-07\nlive,2026/1/5\nsale,2026-01-05\n' >"$scratch/events.csv"
d=$scratch/day.csv e=$scratch/events.csv
is "--event-days labels its days" "2026-01-05,live;sale
2026-01-06,
2026-01-07,sale
2026-01-08,
2026-01-09," "$(activity-rate -q --event-days "$e" -c period,event "$d" | sed 1d)"
is "a week has its days' labels, each once" "2026-01-05,live;sale" \
	"$(activity-rate -q --period week --event-days "$e" -c period,event "$d" | sed 1d)"
# Rates 1, 1/2, 1, 1/2 of finished days: all event days against all others differ by 1/2 without any
# scatter; sale alone the same; the running day is left out.
is "--summary" "group,event,basis,days,rate,ordinary_days,ordinary_rate,difference,lo,hi
g,live,seen,1,1.000000,2,0.500000,0.500000,,
g,sale,seen,2,1.000000,2,0.500000,0.500000,,
g,all,seen,2,1.000000,2,0.500000,0.500000,," "$(activity-rate -q --summary --event-days "$e" "$d")"
# Ordinary days 1/2 and 1: means 1 and 3/4 and one degree of freedom, t = 12.706205, cut at 1. Of eight
# ordinary days, four of them 1: 1/4 -+ 2.364624 x sqrt(1/14) x sqrt(1 + 1/8).
more() {
	cat "$d"
	echo '2026-01-08 11:00:00,g,ann,message,z'
	for day in ${1:-}; do echo "2026-01-$day 11:00:00,g,ann,message,z"; done
}
summary() { activity-rate -q --summary --event-days "$e" -c event,days,ordinary_days,difference,lo,hi | sed -n 2p; }
is "its interval is Student's" "live,1,2,0.250000,-1.000000,1.000000" "$(more | summary)"
is "whatever the number of days" "live,1,8,0.250000,-0.420308,0.920308" \
	"$( (more '10 11 12 13 14 15'; for day in 10 11 12; do echo "2026-01-$day 12:00:00,g,bob,message,$day"; done) | summary)"
is "--histogram counts days of the running period too" "group,period,active_days,members,share
g,2026-01-05,0,0,0.000000
g,2026-01-05,1,0,0.000000
g,2026-01-05,2,0,0.000000
g,2026-01-05,3,1,0.500000
g,2026-01-05,4,1,0.500000
g,2026-01-05,5,0,0.000000" "$(activity-rate -q --histogram --period week "$d")"
same "its members are those of the table" \
	"activity-rate -q --histogram --period week -o tsv -c group,period,members $scratch/log.csv | awk -F '\t' 'NR > 1 { n[\$1 FS \$2] += \$3 } END { for (k in n) print k FS n[k] }' | sort" \
	"activity-rate -q --period week -o tsv -c group,period,members $scratch/log.csv | sed 1d | sort"

# --seen: who was there before the log is back, not new.
is "--seen: back, not new" "2026-01-05,2,1,0,1,0,0
2026-01-12,1,0,1,0,1,0" "$(printf '%s\n' ts,user,text '2026-01-05 09:00:00,ann,a' '2026-01-06 09:00:00,bob,b' '2026-01-14 09:00:00,ann,c' |
	activity-rate -q --period week --lifecycle --seen ann -c period,active,new,returning,resurrected,dormant,truncated | sed 1d)"

printf 'date,label\n2026-13-01,sale\n' >"$scratch/bad.csv"
exits "a date that is none" 1 "activity-rate --event-days $scratch/bad.csv $d"
says "names file and line" "bad.csv:2: cannot read the date" "activity-rate --event-days $scratch/bad.csv $d"
printf 'day,label\n2026-01-01,sale\n' >"$scratch/bad.csv"
says "a column is missing" "needs the columns date and label" "activity-rate --event-days $scratch/bad.csv $d"
printf 'date,label\n2026-01-01,all\n' >"$scratch/bad.csv"
exits "a label that is taken" 1 "activity-rate --event-days $scratch/bad.csv $d"
for o in '--summary' "--summary --histogram --event-days $e" "--summary --event-days $e --period week" \
	'--histogram --denominator mean' '--histogram --denominator 50' '--by source' '--denominator ends'; do
	exits "refused: $o" 2 "activity-rate $o $d"
done
finish
