#!/bin/sh
# What all programs with a table can be asked beside it: its definition, how it was made, a form that
# spreadsheets cannot take for anything else, without counts of few people, within some memory.
. tests/lib.sh
TAB='	'
LF='
'

# Programs that print a metric's table, with the words that they cannot do without.
tables() {
	for tool in $(tools); do
		case $tool in
		chat-cat) ;;
		funnel) echo 'funnel --steps join,message' ;;
		*) echo "$tool" ;;
		esac
	done
}
tables >"$scratch/tables"
is "programs with tables are found" yes "$([ "$(wc -l <"$scratch/tables")" -ge 5 ] && echo yes)"
log() { awk -v seed="$1" -v events="${2:-400}" -v users="${3:-40}" -v groups="${4:-2}" -v floods=5 -f tests/random.awk; }
log 8 >"$scratch/log.csv"
l=$scratch/log.csv

# tests/define.t and the oracles run what --define prints.
while read -r t; do
	exits "$t: --define" 0 "$t --define"
	prints "$t: --define has formulas" '^-- [a-z_]+( = |: )' "$t --define"
	prints "$t: --define has the options in force" '^--   tz America/New_York$' "$t --define --tz America/New_York"
	prints "$t: --define has statements" '^CREATE TEMP TABLE opt' "$t --define"
	prints "$t: and in Chinese" '^-- .*（|^-- .*，|^-- .*：' "LC_ALL=zh_CN.UTF-8 $t --define"
	exits "$t: --define checks the options" 2 "$t --define --tz Mars/Olympus"
	exits "$t: --define on a full disk" 1 "$t --define >/dev/full"
	same "$t: --define reads no input" "$t --define" "$t --define $scratch/none.csv"
	cp "$QUN_BUILD/bin/${t%% *}" "$scratch/alone" 2>/dev/null
	says "$t: no statements beside the program is said" 'not installed' "$scratch/alone ${t#"${t%% *}"} --define"
	rm -f "$scratch/alone"

	# --columns leaves out cells before they are stored.
	$t -o tsv "$l" >"$scratch/all.tsv" 2>/dev/null
	head -n 1 "$scratch/all.tsv" | tr '\t' '\n' | grep -n . | while IFS=: read -r i column; do
		$t -o tsv --columns "$column" "$l" >"$scratch/one.tsv" 2>/dev/null
		cut -f "$i" "$scratch/all.tsv" | cmp -s - "$scratch/one.tsv" || echo "$column"
	done >"$scratch/differ"
	is "$t: --columns prints each column as it is in the whole table" "" "$(cat "$scratch/differ")"
	says "$t: --columns with a near miss" "no column 'complte'" \
		"$t --columns complte $l"

	# --stamp: lines that the same input and options repeat, above the unchanged table.
	hash=$(sha256sum "$l" | cut -d ' ' -f 1)
	prints "$t: --stamp has the hash of the input" "^# input $l sha256 $hash\$" "$t --stamp $l"
	prints "$t: --stamp has the version" "^# ${t%% *} \(quntools [0-9.]+\)\$" "$t --stamp $l"
	prints "$t: --stamp has the zone" '^# zone Asia/Shanghai$' "$t --stamp --tz Asia/Shanghai $l"
	prints "$t: --stamp has the options" '^# option since 2025-03-01$' "$t --stamp --since 2025-03-01 $l"
	same "$t: below it is the table" "$t --stamp $l | grep -v '^# '" "$t $l"
	same "$t: talking changes no stamp" "$t --stamp $l" "$t --stamp -v --color never $l"
	same "$t: pieces of a pipe make the same stamp" "$t --stamp <$l | sed 1,9d" "(head -c 777 $l; tail -c +778 $l) | $t --stamp | sed 1,9d"
	exits "$t: no stamp on JSON" 2 "$t --stamp -o json $l"

	# --excel
	is "$t: --excel has a byte order mark" 'efbbbf' "$($t --excel "$l" 2>/dev/null | head -c 3 | od -An -tx1 | tr -d ' \n')"
	is "$t: --excel ends its lines as spreadsheets do" 0 "$($t --excel "$l" 2>/dev/null | grep -vc "$(printf '\r')\$")"
	same "$t: --excel with --stamp is all cells" \
		"$t --excel --stamp $l | grep -c '^\\(\$(printf '\\357\\273\\277')\\)*\"# [^\"]*\".\$'" "$t --stamp $l | grep -c '^# '; true"
	exits "$t: --excel is no JSON" 2 "$t --excel -o json $l"
	exits "$t: --max-mem 1 is out of range" 2 "$t --max-mem 1 $l"
	exits "$t: --progress changes nothing in a pipe" 0 "$t --progress $l 2>$scratch/err"
done <"$scratch/tables"

# Hostile names: every text cell begins with a quote sign or is led by ', numbers of ours stay.
cat >"$scratch/evil.csv" <<'X'
ts,group,user,type,text,amount,order_id
2026-01-01 00:00:00,g,"=1+1",message,,,
2026-01-01 00:00:00,g,"+1",message,,,
2026-01-01 00:00:00,g,"-1+2",message,,,
2026-01-01 00:00:00,g,"@SUM(A1)",message,,,
2026-01-01 00:00:00,g,"　＝1",message,,,
2026-01-01 00:00:00,g,"​=1",message,,,
2026-01-01 00:00:00,g,"|cmd",message,,,
2026-01-01 00:00:00,g,"123456789012345678",message,,,
2026-01-01 00:00:00,g,"007",message,,,
2026-01-01 00:00:00,g,"1/2",message,,,
2026-01-01 00:00:00,g,"1E5",message,,,
2026-01-01 00:00:00,g,"True",message,,,
2026-01-01 00:00:00,g,"12345",message,,,
2026-01-01 00:00:00,g,"a ""b""",message,,,
2026-01-01 00:00:00,g,"王芳🍓",message,,,
2026-05-01 00:00:00,g,late,message,,,
X
printf '2026-01-01 00:00:00,g,"x\033[31m",message,,,\n' >>"$scratch/evil.csv"
churn-list --excel -c user "$scratch/evil.csv" 2>/dev/null | tr -d '\r' | sed '1s/^...//' | sort >"$scratch/have"
cat >"$scratch/want" <<'X'
"'+1"
"'-1+2"
"'007"
"'1/2"
"'123456789012345678"
"'1E5"
"'=1+1"
"'@SUM(A1)"
"'True"
"'\u{200b}=1"
"'|cmd"
"'　＝1"
"12345"
"a ""b"""
"user"
"x\x1b[31m"
"王芳🍓"
X
is "--excel: no cell is a formula, a number or a date" "$(sort "$scratch/want")" "$(cat "$scratch/have")"
prints "--excel: numbers of ours stay bare" '^"g","12345","",2026-01-01,2026-01-01,120,1,1,0,0.00,,,,"silent","","seen"' \
	"churn-list --excel $scratch/evil.csv"

# --min-cell. A cell is hidden where the full table has a value and this one none. In every sum and
# quotient that the columns make, one hidden cell alone could be computed from the others.
cat >"$scratch/few.awk" <<'X'
BEGIN { FS = "\t"; nids = split(ids, id, ";"); npeople = split(people, who, " ") }
function hidden(c) { return c in at && row[at[c]] == "" && full[at[c]] != "" && !(c in known) }
function counts_few(c, value) { return index(" " people " ", " " c " ") && value > 0 && value < least }
# Computes what one identity leaves alone; 1 if it did.
function solve(   i, k, m, part, c, lone, count, value) {
	for (i = 1; i <= nids; i++) {
		if (id[i] ~ /prev:/ && $1 != last_key)
			continue
		m = split(id[i], part, " ")
		count = 0
		for (k = 1; k <= m; k++) {
			c = part[k]
			sub(/^prev:/, "", c)
			if (part[k] != c ? c in was : hidden(c)) {
				count++
				lone = part[k]
				value = part[k] != c ? was[c] : full[at[c]]
			}
		}
		if (count != 1)
			continue
		if (sub(/^prev:/, "", lone)) {
			bad(lone " of the row before follows from: " id[i])
			continue
		}
		if (counts_few(lone, value))
			bad(lone " follows from: " id[i])
		known[lone] = 1
		return 1
	}
	return 0
}
function bad(what) { if (faults++ < 5) print "line " FNR ": " what ": " $0 }
FNR == NR { line[FNR] = $0; next }
{
	n = split(line[FNR], full, "\t")
	if (FNR == 1) {
		for (i = 1; i <= NF; i++)
			at[$i] = i
		next
	}
	for (i = 1; i <= NF; i++) {
		row[i] = $i
		if ($i != "" && $i != full[i])
			bad("another value")
		gone += $i == "" && full[i] != ""
		kept += $i != ""
	}
	for (i = 1; i <= npeople; i++)
		if (who[i] in at && counts_few(who[i], row[at[who[i]]]))
			bad(who[i] " counts few")
	split("", known)
	while (solve())
		;
	split("", was)
	for (c in at)
		if (hidden(c))
			was[c] = full[at[c]]
	last_key = $1
}
END { if (!faults && (gone || least < 5) && kept) print "ok"; else print faults + 0, gone + 0, kept + 0 }
X
few() { # NAME PEOPLE IDENTITIES COMMAND
	for seed in 2 3 7 8; do
		for least in 2 5; do
			awk -v seed=$seed -v events=700 -v users=60 -v groups=2 -v orders=$((seed % 2 * 30)) -f tests/random.awk >"$scratch/few.csv"
			$4 -q -o tsv "$scratch/few.csv" >"$scratch/full"
			$4 -q -o tsv --min-cell $least "$scratch/few.csv" >"$scratch/few"
			is "$1: fewer than $least of log $seed" ok \
				"$(awk -v least=$least -v people="$2" -v ids="$3" -f "$scratch/few.awk" "$scratch/full" "$scratch/few")"
		done
	done
}
few 'activity-rate' 'members active talkers lurkers dau wau mau new returning resurrected dormant' \
	'rate active members;members talkers lurkers;messages member_messages staff_messages;ugc_share member_messages messages;stickiness dau mau;active new returning resurrected;prev:active returning dormant;messages_per_talker member_messages talkers' \
	'activity-rate --period week --talk --rolling --lifecycle'
few 'activity-rate by the day' 'members active talkers lurkers new returning resurrected dormant' \
	'rate active members;members talkers lurkers;active new returning resurrected;prev:active returning dormant' \
	'activity-rate --lifecycle --total'
few 'churn-list --summary' 'members listed left newcomer buyer_silent benefits_only never_spoke silent cooling' \
	'rate listed members;listed buyer_silent benefits_only never_spoke silent cooling' 'churn-list --summary --silent 7d'
few 'cohort-retention' 'size eligible retained' 'rate retained eligible' 'cohort-retention'
few 'repurchase' 'buyers repeat_buyers new_buyers returning_buyers next_base next_buyers' \
	'repeat_rate repeat_buyers buyers;repeat_order_rate repeat_orders orders;returning_rate returning_buyers buyers;next_rate next_buyers next_base;orders_per_buyer orders buyers' \
	'repurchase --by group --period month'

# Keys of a funnel: the by value; the step before is the row before.
few 'funnel' 'reached dropped pending' 'rate_prev reached prev:reached;prev:reached reached dropped pending' \
	'funnel --by group --steps join,message,order --window 30d'

# A total is printed only where none of its parts is hidden.
cohort-retention -q --average=pooled -o tsv "$scratch/few.csv" >"$scratch/full"
cohort-retention -q --average=pooled -o tsv --min-cell 4 "$scratch/few.csv" >"$scratch/few"
is "no total tells of a part" "" "$(awk -F "$TAB" 'FNR == NR { full[FNR] = $5; next }
	$1 != "all" && $5 == "" && full[FNR] != "" { hidden[$3] = 1 }
	$1 == "all" && $5 != "" && ($3 in hidden) { print }' "$scratch/full" "$scratch/few")"
is "and totals there are" yes "$(grep -q '^all' "$scratch/few" && echo yes)"
# Bars of a histogram: never one alone is hidden, unless all others are 0.
activity-rate -q --histogram --period week -o tsv "$scratch/few.csv" >"$scratch/full"
activity-rate -q --histogram --period week -o tsv --min-cell 4 "$scratch/few.csv" >"$scratch/few"
is "no bar follows from the others" "" "$(awk -F "$TAB" 'FNR == NR { full[FNR] = $4; next }
	{ key = $1 FS $2; if ($4 == "" ) hidden[key]++; else { shown[key] += $4; if ($4 > 0 && $4 < 4) print } 
	if (($4 == "" || key in hidden) && $5 != "") print }
	END { for (key in hidden) if (hidden[key] == 1 && shown[key]) print key }' "$scratch/full" "$scratch/few")"
is "and some are hidden, some are not" yes "$(awk -F "$TAB" '$4 == "" { a = 1 } $4 > 3 { b = 1 } END { if (a && b) print "yes" }' "$scratch/few")"
exits "a list of people has no cells to hide" 2 "churn-list --min-cell 5 $l"
# A curve: what is printed is as it was; counts of few are not in it, and neither do they follow: of those
# who left, were censored and entered between two steps that are printed there are none or enough, as
# the people at risk and the share that stays tell how many.
cat >"$scratch/curve.awk" <<'X'
BEGIN { FS = "\t" }
FNR == 1 {
	split("", at)
	for (i = 1; i <= NF; i++)
		at[$i] = i
	next
}
function key(   i, k) { for (i = 1; i < at["t_days"]; i++) k = k $i FS; return k }
function few(n) { return n > 0 && n < least }
NR == FNR { shown[$0] = 1; rows++; next }
{
	k = key()
	n = $at["at_risk"]; d = $at["left"]; c = $at["censored"]
	if (k != last) { rest = n; hidden_left = hidden_censored = hidden_entered = 0 }
	last = k
	hidden_entered += n - rest
	rest = n - d - c
	if ($0 in shown) {
		if (few(n) || few(d) || few(c) || few(hidden_left) || few(hidden_censored) || few(hidden_entered))
			print "told: " $0, "after", hidden_left, hidden_censored, hidden_entered
		hidden_left = hidden_censored = hidden_entered = 0
		found++
	} else {
		hidden_left += d
		hidden_censored += c
		gone++
	}
}
END { if (found != rows) print "another step"; print (gone > 0), (found > 0) >tally }
X
awk -v seed=4 -v events=4000 -v users=700 -v groups=2 -f tests/random.awk >"$scratch/curve.csv"
awk -v day=86400 'BEGIN {
	print "ts,group,user,type,source"
	for (i = 0; i < 900; i++) { # joins of 30 days, before and after the log begins for a third; leaves in clusters
		t = 1767225600 + i % 30 * day
		print t ",g,p" i ",join,"
		stay = i % 7 * 4 + (i % 11 == 0)
		if (i % 5)
			print t + stay * day + 60 ",g,p" i ",leave," (i % 6 ? "" : "removed")
	}
}' >"$scratch/clusters.csv"
for log in curve clusters; do
	for least in 2 5 12; do
		for options in '--unit member' '--by group' '--removed churn'; do
			t="cohort-retention -q -o tsv --survival $options $scratch/$log.csv"
			$t --min-cell $least >"$scratch/few"
			$t >"$scratch/full"
			is "a curve without steps of fewer than $least: $options, $log" "" \
				"$(awk -v least=$least -v tally="$scratch/tally" -f "$scratch/curve.awk" "$scratch/few" "$scratch/full")"
			cat "$scratch/tally" >>"$scratch/tallies"
		done
	done
done
is "mostly some are left out and some are not" yes "$([ "$(grep -c '1 1' "$scratch/tallies")" -gt 12 ] && echo yes)"
few 'medians of stays' 'people left censored' 'people left censored' \
	'cohort-retention --survival --summary --by source,group'
# Ranges of age: where one is left out nobody can tell it by those at risk before and after, nor by a sum.
hazard="cohort-retention -q -o tsv --by source --unit member --hazard 0-1,2-7,8-20,21-40,41- $scratch/curve.csv"
$hazard >"$scratch/full"
$hazard --min-cell 5 >"$scratch/few"
is "no range of ages tells of another" "" "$(awk -F "$TAB" 'FNR == NR { full[FNR] = $4; next } FNR > 1 {
	if ($4 != "" && ($4 != full[FNR] || ($4 > 0 && $4 < 5)) || ($3 > 0 && $3 < 5)) print
	if ($4 == "") hidden[$1]++
	else most[$1] += $4
	if ($3 != "" || $5 != "") told[$1] = 1 }
	END { for (s in hidden) if (s in told || hidden[s] == 1 && most[s]) print s, hidden[s], most[s] }' "$scratch/full" "$scratch/few")"
is "some are left out, some are not" yes "$(awk -F "$TAB" 'FNR > 1 && $4 == "" { a = 1 } $3 > 4 { b = 1 } END { if (a && b) print "yes" }' "$scratch/few")"
exits "ranges that overlap tell of each other" 2 "cohort-retention --hazard 0-7,5-9 --min-cell 5 $l"
exits "what is hidden raises no alarm" 0 "activity-rate --min-cell 1000 --alert 'members<1000' $l"
says "--min-cell 0 is refused" 'min-cell' "activity-rate --min-cell 0 $l"

# --max-mem: an error with a message, not a killed process.
if grep -q __asan_init "$QUN_BUILD/bin/activity-rate" || grep -q __tsan_init "$QUN_BUILD/bin/activity-rate"; then
	skip "--max-mem stops in time" "a sanitizer takes memory of its own"
else
	awk 'BEGIN { print "ts,user"; for (i = 0; i < 400000; i++) print "2026-01-01 00:00:00,u" i }' >"$scratch/many.csv"
	exits "--max-mem stops in time" 1 "activity-rate --max-mem 24 $scratch/many.csv"
	says "--max-mem says so" 'out of memory: --max-mem 24' "activity-rate --max-mem 24 $scratch/many.csv"
	exits "with enough there is a table" 0 "activity-rate --max-mem 1024 $scratch/many.csv"
	awk 'BEGIN { print "ts,user,type"; for (i = 0; i < 300000; i++) print 1767225600 + i % 90 * 86400 ",person" i ",message" }' >"$scratch/many.csv"
	is "threads do not crash, wherever it stops them" '' "$(for mib in 20 24 24 24 28 28 32; do
		activity-rate -j 7 --reader reference --max-mem $mib "$scratch/many.csv" >"$scratch/out" 2>"$scratch/err" ||
			grep -L 'out of memory: --max-mem' "$scratch/err"
	done 2>&1)"
fi

# --progress: after a second, and on a terminal only.
slow="(head -n 200 $l; sleep 1.4; tail -n +201 $l) | activity-rate -q --progress >$scratch/out"
if script -qec true /dev/null >/dev/null 2>&1; then
	script -qec "$slow" /dev/null >"$scratch/screen" </dev/null
	is "--progress shows bytes and their rate" yes "$(grep -q 'activity-rate: [0-9.]* KiB, [0-9.]* KiB/s' "$scratch/screen" && echo yes)"
	is "--progress wipes its line" yes "$(tail -c 8 "$scratch/screen" | grep -q "$(printf '\033')\[K" && echo yes)"
	same "--progress leaves the table alone" "cat $scratch/out" "activity-rate -q $l"
	script -qec "activity-rate -q --progress $l >$scratch/out" /dev/null >"$scratch/screen" </dev/null
	is "a quick run shows none" "" "$(cat "$scratch/screen")"
else
	skip "--progress on a terminal" "script(1) makes none here"
fi
sh -c "$slow" 2>"$scratch/err"
is "--progress is silent elsewhere" "" "$(cat "$scratch/err")"
finish
