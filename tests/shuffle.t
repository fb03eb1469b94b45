#!/bin/sh
# Same in, same out: records in another order, split over files, or given twice and left out once
# again change no byte of any table; nor do threads and readers, nor the way over sorted lines of parts
# through one reducer or several. Random sets of all options of all programs, on random logs.
. tests/lib.sh
trials=${ORACLE_SEEDS:-60}

# Options, a line each: the programs or "any", and words of which a trial takes all or none. @20 is the
# 20th day of the log, %roster a file made for it.
cat >"$scratch/options" <<'X'
any --tz=America/New_York
any --tz=Asia/Shanghai
any --week-start=sun
any --day-start=04:00 --tz=America/Havana
any --since=@20
any --until=@60
any --last=28d
any --as-of=@50
any --as-of=@120
any --group=g*
any --where=message|order
any --where=text~i|好
any --active=message|vote
any --include-staff
any --unit=member
cohort-retention,funnel,repurchase --by=group
cohort-retention,funnel,repurchase --by=source
cohort-retention,funnel,repurchase --by=role,city
cohort-retention,funnel,repurchase --by=product
any --staff=u3,u7
any --seen=u1,u4
any --roster=%roster
any --roster=@30=%earlier --roster=@70=%roster
any --alias=%alias
any --names-global
any --refund=drop
any --refund=ignore
any --zero-ok
any --confidence=0.8
any --output=json
any --output=table
any --output=markdown
any --excel
any --top=7
any --columns=%columns
any --sort=%column:desc
any --min-cell=3
any --alert=%column>1 --alert-partial
any --alert=%column<9 --alert-only
any --require-rows
any --skip-bad
activity-rate --period=week
activity-rate --period=month
activity-rate --period=10d
activity-rate --total
activity-rate --denominator=end
activity-rate --denominator=start
activity-rate --denominator=mean
activity-rate --denominator=40
activity-rate --talk
activity-rate --rolling
activity-rate --lifecycle
activity-rate --histogram
activity-rate --event-days=%days
activity-rate --event-days=%days --summary
activity-rate --no-flood
churn-list --silent=7d
churn-list --silent=auto
churn-list --overdue=1
churn-list --newcomer=21d
churn-list --class=left,newcomer,buyer-silent,benefits-only,never-spoke,silent,cooling
churn-list --winback
churn-list --cleanup
churn-list --quota=2
churn-list --floor=0.5
churn-list --summary
churn-list --bounds --roster=@30=%earlier --roster=@70=%roster
cohort-retention --period=day
cohort-retention --period=month
cohort-retention --period=9d
cohort-retention --periods=3
cohort-retention --birth=join
cohort-retention --birth=order --return=order
cohort-retention --return=message
cohort-retention --mode=after
cohort-retention --mode=before
cohort-retention --mode=streak
cohort-retention --mode=bracket --brackets=1-3,4-9
cohort-retention --mode=member --removed=churn
cohort-retention --mode=member --rejoin=2d
cohort-retention --clock=elapsed
cohort-retention --cohorts=recurring
cohort-retention --min-events=2
cohort-retention --value=amount
cohort-retention --average=pooled
cohort-retention --average=simple
cohort-retention --wide
cohort-retention --survival
cohort-retention --survival --summary
cohort-retention --hazard=0-1,2-9,10-
cohort-retention --people=@14:1 --period=week
cohort-retention --people=@7:0 --lost
funnel --step=hello=message --step=order
funnel --window=2d
funnel --window=none
funnel --order=strict
funnel --order=any
funnel --gap=3d
funnel --exclude=leave
funnel --hold=city
funnel --count=entries
funnel --windows=1d,14d
funnel --mature
funnel --levels
funnel --list=2:dropped
funnel --clickhouse=strict_order,strict_once
repurchase --period=week
repurchase --period=month
repurchase --collapse=day
repurchase --within=7,30
repurchase --ladder
repurchase --gaps
repurchase --rfm
repurchase --rfm --bins=3
repurchase --rfm --cuts=%cuts
repurchase --clv
repurchase --clv --params
X

# Options that are none of a table's, or of the input's form, and why the trials go without them.
cat >"$scratch/none" <<'X'
from map set delimiter encoding no-header date-order time-unit: how records are written
dedup no-dedup: given in every trial
stamp: it tells the bytes of the input
define show-config help version: no input is read
by: means nothing where every row is of a group
quiet verbose progress color: what is said beside the table
rejects max-age max-mem: a file, the clock, the memory
state no-wait forget: what was counted in earlier runs, see tests/state.t
steps: given to funnel where no --step is
threads reader partial merge: given in every trial or every other
X
sed 's/:.*//' "$scratch/none" | tr ' ' '\n' | sort >"$scratch/left.out"
tools | grep -v '^chat-cat$' >"$scratch/tools"
for tool in $(cat "$scratch/tools"); do
	sed -n "s/^[[:space:]]*{\"\([a-z-]*\)\", .*QUN_OPT_.*/\1/p" cmd/common/options.c \
		"lib/metric/$(echo "$tool" | tr - _).c" | sort -u |
		comm -23 - "$scratch/left.out" | while read -r name; do
		grep -Eq "^(any|[a-z,-]*$tool[a-z,-]*) (.* )?--$name(=| |\$)" "$scratch/options" || echo "$name"
	done >"$scratch/untried"
	is "$tool: every option is tried" "" "$(cat "$scratch/untried")"
done

# Side files, the same for all logs: people of all groups and days over a year.
awk -v to="$scratch" 'BEGIN {
	print "group,user,name,joined,left,role" >(to "/roster")
	print "group,user" >(to "/earlier")
	print "id,canonical" >(to "/alias")
	for (i = 1; i <= 30; i++) {
		if (i % 3)
			print "g1,u" i ",," (i % 5 ? "" : "2026-01-0" i % 9 + 1) ",," (i == 8 ? "staff" : "") >(to "/roster")
		if (i % 4)
			print "g1,u" i >(to "/earlier")
		if (i % 6 == 0)
			print "u" i ",u" i - 1 >(to "/alias")
	}
	print "g1,silent,Silent,,," >(to "/roster")
	print "score,recency_days,frequency,monetary\n1,60,1,0\n2,30,2,50\n3,0,4,90.5" >(to "/cuts")
}'
sqlite3 -csv -header :memory: "WITH RECURSIVE d(date) AS (SELECT '2026-01-03' UNION ALL SELECT date(date, '9 days')
	FROM d WHERE date < '2027-03-01') SELECT date, CASE WHEN date LIKE '%5' THEN 'sale' ELSE 'live' END AS label FROM d" >"$scratch/days"

# A trial's words from its seed: a third of them, of the program's own and of all programs'.
words() { # PROGRAM SEED
	awk -v tool="$1" -v seed="$2" '
	function below(n) { state = state * 16807 % 2147483647; return int(state / 2147483647 * n) }
	BEGIN { state = (seed * 7919 + 104729) % 2147483646 + 1; for (i = 0; i < 20; i++) below(2) }
	index("," $1 ",", "," tool ",") { own[nown++] = substr($0, index($0, " ") + 1) }
	$1 == "any" { any[nany++] = substr($0, index($0, " ") + 1) }
	END {
		for (i = below(3); i >= 0; i--)
			print own[below(nown)]
		for (i = below(4); i >= 0; i--)
			print any[below(nany)]
	}' "$scratch/options" | tr ' ' '\n'
}

# Gives the words of a trial their days, files and columns of the table that they make.
settle() { # LOG < WORDS
	first=$(sed '1d;/^20/!d;s/T.*//' "$1" | sort | head -n 1)
	while read -r word; do
		case $word in
		*@*)
			rest=${word#*@}
			day=${rest%%[!0-9]*}
			word=${word%%@*}$(sqlite3 :memory: "SELECT date('$first', '$day days')")${rest#"$day"} ;;
		esac
		case $word in
		*%column*) echo "$word" >>"$scratch/later"; continue ;;
		*%*) word=${word%%%*}$scratch/${word#*%} ;;
		esac
		printf '%s\n' "$word"
	done
}

run() { # WORDS: what is printed, and the status
	"$tool" -q "$@" 2>"$scratch/err"
	echo "status $?"
	cat "$scratch/err"
}

# The table of the log's pieces, each mapped by itself.
reduce() { # WORDS
	for part in $(parts 2); do
		"$tool" -q "$@" --no-dedup --partial "$part" 2>/dev/null
	done | LC_ALL=C sort >"$scratch/lines"
	run "$@" --merge "$scratch/lines"
}

# The same by two reducers, who know all heads and half of the people, and one who adds up.
add_up() { # WORDS
	grep '^	' "$scratch/lines" >"$scratch/heads"
	for half in 0 1; do
		awk -F '\t' -v half=$half '$1 != "" && (index("aceg13579iklmoqsuw", substr($1, length($1))) > 0) == half' "$scratch/lines" |
			"$tool" -q "$@" --merge --partial=report "$scratch/heads" - 2>/dev/null
	done >"$scratch/reports"
	run "$@" --merge "$scratch/reports"
}

parts() { find "$scratch/parts/$1" -type f; } # in no order

trial() { # PROGRAM SEED
	tool=$1
	log=$scratch/log.$(($2 % 6)).csv
	: >"$scratch/later"
	words "$tool" "$2" | settle "$log" >"$scratch/words"
	[ "$tool" != funnel ] || grep -q '^--step=' "$scratch/words" || echo --steps=join,message,order >>"$scratch/words"
	if [ -s "$scratch/later" ]; then
		columns=$(run $(cat "$scratch/words") -o csv --top 0 "$log" | sed '1!d;s/^\xef\xbb\xbf//;s/["\r]//g')
		column=$(echo "$columns" | tr , '\n' | sed -n "$((1 + $2 % 5))p")
		sed "s/%columns/$(echo "$columns" | cut -d , -f 1-4)/; s/%column/$column/" "$scratch/later" >>"$scratch/words"
	fi
	rm -rf "$scratch/parts"
	mkdir "$scratch/parts" "$scratch/parts/1" "$scratch/parts/2" "$scratch/parts/3"
	awk -v seed="$2" -v to="$scratch/parts/1" -f tests/shuffle.awk "$log"
	awk -v seed="$2" -v to="$scratch/parts/2" -v parts=$((2 + $2 % 6)) -v loose=1 -f tests/shuffle.awk "$log"
	awk -v seed="$2" -v to="$scratch/parts/3" -v parts=$((2 + $2 * 5 % 6)) -v again=40 -f tests/shuffle.awk "$log"
	run $(cat "$scratch/words") "$log" >"$scratch/want"
	run $(cat "$scratch/words") $(parts 1) >"$scratch/have.1"
	run $(cat "$scratch/words") --no-dedup $(parts 2) >"$scratch/have.2"
	run $(cat "$scratch/words") --dedup $(parts 3) >"$scratch/have.3"
	run $(cat "$scratch/words") -j $((2 + $2 % 6)) "$log" >"$scratch/have.4"
	run $(cat "$scratch/words") --reader reference "$log" >"$scratch/have.5"
	ways='1:shuffled 2:split 3:doubled 4:threads 5:reference'
	if [ $(($2 % 2)) -eq 0 ] && grep -q '^status [03]' "$scratch/want"; then
		reduce $(cat "$scratch/words") >"$scratch/have.6"
		add_up $(cat "$scratch/words") >"$scratch/have.7"
		ways="$ways 6:reduced 7:added-up"
	fi
	for way in $ways; do
		cmp -s "$scratch/want" "$scratch/have.${way%:*}" || {
			echo "# ${way#*:}, log $(($2 % 6)): $tool $(tr '\n' ' ' <"$scratch/words")"
			diff "$scratch/want" "$scratch/have.${way%:*}" | head -n 6 | sed 's/^/#   /'
		}
	done
}

# Texts of logs without ids are unlike each other, so that equal records are equal in every field.
for seed in 0 1 2 3 4 5; do
	awk -v seed=$((seed + 20)) -v events=$((150 + seed * 40)) -v users=$((9 + seed * 4)) -v groups=$((1 + seed % 4)) \
		-v orders=$((seed % 3 * 15)) -v floods=$((seed % 2 * 6)) -f tests/random.awk >"$scratch/log.$seed.csv"
done
set -f # a word may hold a glob
for tool in $(cat "$scratch/tools"); do
	: >"$scratch/faults"
	tables=0
	seed=1
	while [ $seed -le "$trials" ]; do
		trial "$tool" $seed >>"$scratch/faults"
		grep -q '^status [03]' "$scratch/want" && tables=$((tables + 1))
		seed=$((seed + 1))
	done
	is "$tool: the order of records and files tells nothing" "" "$(head -n 40 "$scratch/faults")"
	[ $((tables * 3)) -gt "$trials" ] && pass "$tool: trials print tables" || fail "$tool: $tables of $trials trials print a table"
done
finish
