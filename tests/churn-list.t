#!/bin/sh
# churn-list: the summary is the list counted, shapes of the list, and refusals.
. tests/lib.sh
TAB='	'
all=left,newcomer,buyer-silent,benefits-only,never-spoke,silent,cooling

# Counts of the list by group, as --summary prints them: listed, rate of members, one column a class.
count() { # COMMAND FILE: from the list asked for, and from all classes without any filter
	$1 -q -o tsv -c group,class "$2" >"$scratch/list"
	churn-list -q -o tsv --silent 7d --class $all -c group,class "$2" >"$scratch/everybody"
	activity-rate -q -o tsv --denominator end -c group,period,members "$2" | awk -F "$TAB" 'NR > 1 { n[$1] = $3 } END { for (g in n) print g "\t" n[g] }' >"$scratch/members"
	awk -F "$TAB" -v names=$all '
	FILENAME ~ /members$/ { members[$1] = $2; next }
	FNR == 1 { next }
	FILENAME ~ /list$/ { listed[$1]++; inside[$1] += $2 != "left"; next }
	{ class[$1, $2]++ }
	END {
		n = split(names, name, ",")
		for (g in members) {
			line = g "\t" members[g] "\t" listed[g] + 0 "\t" (members[g] ? sprintf("%.6f", inside[g] / members[g] + 1e-12) : "")
			for (i = 1; i <= n; i++)
				line = line "\t" class[g, name[i]] + 0
			print line
		}
	}' "$scratch/members" "$scratch/list" "$scratch/everybody" | sort
}
seed=1
while [ $seed -le 12 ]; do
	awk -v seed=$seed -v events=$((100 + seed * 37)) -v users=25 -v groups=$((1 + seed % 3)) -f tests/random.awk >"$scratch/log.csv"
	# Who leaves at the very end is a member at it, and on the list one who left.
	echo '2027-06-01T00:00:00Z,,,,message,,,,,,,,,,' >>"$scratch/log.csv"
	case $((seed % 4)) in
	0) o="--class $all" ;;
	1) o='--quota 3' ;;
	2) o='--winback' ;;
	3) o='--cleanup' ;;
	esac
	count "churn-list --silent 7d $o" "$scratch/log.csv" >"$scratch/want"
	churn-list -q -o tsv --silent 7d $o --summary "$scratch/log.csv" | sed 1d | cut -f 1-4,7- | sort >"$scratch/have"
	is "--summary $o of log $seed" "$(cat "$scratch/want")" "$(cat "$scratch/have")"
	seed=$((seed + 1))
done

cat >"$scratch/chat.csv" <<'X'
ts,group,user,type,amount,order_id,source
2026-01-01 09:00:00,g,ann,message,,,
2026-01-02 09:00:00,g,ann,message,,,
2026-01-03 09:00:00,g,ann,message,,,
2026-01-04 09:00:00,g,ann,message,,,
2026-01-02 09:00:00,g,bob,join,,,
2026-01-02 10:00:00,g,cai,redpacket,,,claimed
2026-01-03 10:00:00,g,dan,message,,,
2026-01-03 11:00:00,-,dan,order,30,o1,
2026-03-01 09:00:00,g,eve,join,,,
2026-03-04 09:00:00,g,eve,message,,,
2026-03-04 10:00:00,g,fay,leave,,,
X
c=$scratch/chat.csv
is "one of each class" "user,class,reason
dan,buyer-silent,silent
bob,never-spoke,silent
cai,benefits-only,silent
ann,silent,cooling
eve,newcomer,
fay,left,never-spoke;silent" "$(churn-list -q --class $all -c user,class,reason "$c" | sort -t, -k2 | awk -F, '
	{ line[$2] = $0 } END { n = split("class buyer-silent never-spoke benefits-only silent newcomer left", k, " "); for (i = 1; i <= n; i++) print line[k[i]] }')"
is "left and newcomer are listed by --class only" 4 "$(churn-list -q "$c" | sed 1d | wc -l)"
is "--newcomer moves its edge" 0 "$(churn-list -q --class newcomer --newcomer 3d "$c" | sed 1d | wc -l)"
is "and holds it" 1 "$(churn-list -q --class newcomer --newcomer 73h "$c" | sed 1d | wc -l)"
is "--quota keeps the first of the order" "dan" "$(churn-list -q --quota 1 -c user "$c" | sed 1d)"
is "--floor keeps groups below" 0 "$(churn-list -q --floor 0.1 "$c" | sed 1d | wc -l)"
is "and no others" 4 "$(churn-list -q --floor 0.9 "$c" | sed 1d | wc -l)"
is "--silent auto waits 30 days where few have a rhythm" 4 "$(churn-list -q --silent auto "$c" | sed 1d | wc -l)"
is "--cleanup: no buyers" 3 "$(churn-list -q --cleanup "$c" | sed 1d | wc -l)"
is "--winback: buyers only" dan "$(churn-list -q --winback -c user "$c" | sed 1d)"
for o in '--silent 0' '--silent 1.5d' '--class silnt' '--winback --cleanup' '--by source' '--floor 2' '--quota 0'; do
	exits "refused: $o" 2 "churn-list $o $c"
done
says "a near miss" "did you mean 'silent'" "churn-list --class silnt $c"
finish
