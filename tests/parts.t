#!/bin/sh
# --partial and --merge at the command line: what is refused and why, damage, memory, many processes.
# That the table is that of one run is tried in shuffle.t with all options.
. tests/lib.sh

awk -f tests/random.awk -v seed=5 -v events=3000 -v users=90 -v groups=4 >"$scratch/log.csv"
sed 1d "$scratch/log.csv" | split -l 500 - "$scratch/piece."
for piece in "$scratch"/piece.*; do
	{ head -n 1 "$scratch/log.csv"; cat "$piece"; } >"$piece.csv"
	cohort-retention -q --partial "$piece.csv"
done >"$scratch/lines"
LC_ALL=C sort "$scratch/lines" >"$scratch/sorted"
grep '^	' "$scratch/sorted" >"$scratch/heads"
grep -v '^	' "$scratch/sorted" >"$scratch/people"
same "six pieces" "cohort-retention -q $scratch/log.csv" "cohort-retention --merge $scratch/sorted"
same "on a pipe, packed" "cohort-retention -q $scratch/log.csv" "gzip -c $scratch/sorted | cohort-retention --merge"
same "heads in a file of their own" "cohort-retention -q $scratch/log.csv" \
	"cohort-retention --merge $scratch/heads - <$scratch/people"
same "names used as ids, which are scoped to their groups" "repurchase -q examples/orders.csv" \
	"repurchase -q --partial examples/orders.csv | LC_ALL=C sort | repurchase --merge"
is "lines are printable, in three parts" "" "$(LC_ALL=C grep -Ev '^[!-~]*	[0-9A-F]{16}	[A-Za-z0-9+/=]*$' "$scratch/lines")"
is "no text of messages is in them" "" "$(cut -f 3 "$scratch/lines" | while read -r state; do
	echo "$state" | base64 -d | tr -d '\0'; done | grep -a -F "$(cut -d , -f 6 "$scratch/log.csv" | sed 1d | awk 'length > 8' | head -n 1)" | head -n 1)"

says "unsorted lines" 'not sorted.*LC_ALL=C sort' "cat $scratch/heads $scratch/people $scratch/people | cohort-retention --merge"
exits "unsorted lines: status" 1 "cat $scratch/heads $scratch/people $scratch/people | cohort-retention --merge"
says "no head" 'no head line' "cohort-retention --merge $scratch/people"
says "a head behind people" 'head line comes after' "cat $scratch/sorted $scratch/heads | cohort-retention --merge"
says "another file" 'no line of --partial' "cohort-retention --merge $scratch/log.csv"
says "another program" 'is one of cohort-retention' "repurchase --merge $scratch/sorted"
says "other options, which are named" "--period was 'week' and is 'month'|--period" \
	"cohort-retention --period month --merge $scratch/sorted"
says "another moment" '--as-of' "cohort-retention --as-of 2026-02-01 --merge $scratch/sorted"
exits "options that only shape the table" 0 "cohort-retention --merge --top 3 -o json $scratch/sorted"
says "lines of a report need --merge" 'needs --merge' "cohort-retention --partial=report $scratch/log.csv"
exits "lines of a report need --merge: status" 2 "cohort-retention --partial=report $scratch/log.csv"
exits "--merge --partial" 2 "cohort-retention --merge --partial $scratch/sorted"
says "a word that is none" 'people or report' "cohort-retention --partial=table $scratch/log.csv"
cohort-retention --merge --partial=report "$scratch/sorted" >"$scratch/report"
same "one reducer" "cohort-retention --merge $scratch/sorted" "cohort-retention --merge $scratch/report"
{
	head -n 1 "$scratch/heads"
	sed -n 1,30p "$scratch/people"
} | cohort-retention --merge --partial=report >"$scratch/short"
says "reducers with other heads" 'head lines of all mappers' "cat $scratch/short $scratch/report | cohort-retention --merge"
says "a report with other options" 'other options' "cohort-retention --since 2026-02-01 --merge $scratch/report"
exits "a full disk" 1 "cohort-retention --partial $scratch/log.csv >/dev/full"
is "nothing in, nothing out" "$(cohort-retention </dev/null)" "$(cohort-retention --partial </dev/null | cohort-retention --merge)"

# Damage anywhere in a line is an error or, in a key, somebody else: never a crash.
head -n 3 "$scratch/people" | cat "$scratch/heads" - >"$scratch/few"
awk -v n=200 'BEGIN { for (i = 0; i < n; i++) { s = (s * 16807 + 11) % 2147483647; print s } }' </dev/null >"$scratch/places"
bytes=$(wc -c <"$scratch/few")
while read -r place; do
	at=$((place % bytes))
	{
		head -c $at "$scratch/few"
		printf '%b' "\\0$(printf %o $((33 + place % 90)))"
		tail -c +$((at + 2)) "$scratch/few"
	} >"$scratch/bad"
	cohort-retention --merge "$scratch/bad" >/dev/null 2>&1
	status=$?
	[ $status -le 1 ] || echo "byte $at: status $status"
	head -c $at "$scratch/few" | cohort-retention --merge >/dev/null 2>&1
	status=$?
	[ $status -le 1 ] || echo "cut at $at: status $status"
done <"$scratch/places" >"$scratch/crashes"
is "damaged lines are refused" "" "$(head "$scratch/crashes")"

# One person in memory: a limit that a run over everything does not meet.
awk 'BEGIN { print "ts,user,type"; for (i = 0; i < 300000; i++) print 1767225600 + i % 90 * 86400 ",person" i ",message" }' >"$scratch/many.csv"
case $QUN_BUILD in
*asan* | *tsan*) skip "one person in memory" "sanitizers take memory of their own" ;;
*)
	exits "so many people do not fit into 16 MiB" 1 "cohort-retention -j 1 --max-mem 16 $scratch/many.csv"
	same "one by one they do" "cohort-retention $scratch/many.csv" \
		"cohort-retention --partial $scratch/many.csv | LC_ALL=C sort | cohort-retention --merge --max-mem 16" ;;
esac

# Mappers and reducers as processes of their own, as many as there are.
export PARALLEL_HOME="$scratch/parallel" # it writes where it finds its settings
if command -v parallel >/dev/null; then
	for tool in 'cohort-retention --by group' 'activity-rate --period week' repurchase 'churn-list --silent 7d' \
		'funnel --steps join,message,order'; do
		rm -rf "$scratch/shares" && mkdir "$scratch/shares"
		parallel --will-cite -j 4 "$tool -q --partial {}" ::: "$scratch"/piece.*.csv >"$scratch/mapped"
		grep '^	' "$scratch/mapped" >"$scratch/heads"
		grep -v '^	' "$scratch/mapped" | awk -F '\t' -v to="$scratch/shares" '{ print >(to "/" length($1) % 3 index("02468", substr($1, length($1)))) }'
		parallel --will-cite -j 4 "LC_ALL=C sort {} | $tool --merge --partial=report $scratch/heads -" ::: "$scratch"/shares/* >"$scratch/reports"
		same "$tool: by $(ls "$scratch/shares" | wc -l) reducers" "$tool -q $scratch/log.csv" "$tool --merge $scratch/reports"
	done
else
	skip "many processes" "GNU parallel is not installed"
fi
finish
