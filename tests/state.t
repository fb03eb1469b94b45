#!/bin/sh
# --state: runs that each count what is new add up to one run over everything; nothing counts twice, and
# whatever goes wrong leaves the state as it was.
. tests/lib.sh
root=$PWD
log() { awk -v seed="$1" -v events="${2:-400}" -v users="${3:-25}" -v groups="${4:-2}" -f "$root/tests/random.awk"; }
# Records of a log in order of time, one a line, so that they can be dealt out by line.
lines() {
	log "$@" | awk 'NR == 1 || (/^20/ && gsub(/"/, "\"") % 2 == 0)' >all
	head -n 1 all
	sed 1d all | sort
}
tables() {
	for tool in $(tools); do
		case $tool in
		chat-cat) ;;
		funnel) echo 'funnel --steps join,message' ;;
		*) echo "$tool" ;;
		esac
	done
}
cd "$scratch" || exit 99
tables >programs
is "programs with tables are found" yes "$([ "$(wc -l <programs)" -ge 5 ] && echo yes)"

# part FROM TO [FILE]: the header and these records
part() { sed -n "1p;$(($1 + 1)),$(($2 + 1))p" "${3:-log.csv}"; }
lines 8 700 40 >log.csv
n=$(($(wc -l <log.csv) - 1))
one=$((n / 3))
two=$((n * 2 / 3))
part 1 $one >1.csv
part $((one + 1)) $two >2.csv
part $((two + 1)) "$n" >3.csv
date_of() { sed -n "$(($1 + 1))s/T.*//p" log.csv; }
table() { sh -c "$1" 2>/dev/null; }
fresh() { rm -f S S.lock S.new; }
# kept NAME CMD STATUS: the command ends so and leaves the state as it was, and nothing beside it
kept() {
	cp S S.before
	sh -c "$2" >.a 2>.ae; rc=$?
	if [ $rc -eq "$3" ] && cmp -s S S.before && [ ! -e S.new ]; then pass "$1"; else
		fail "$1"
		echo "#   exit $rc, not $3; $(cmp S S.before 2>&1)"
		show .ae
	fi
}

# --- day by day -------------------------------------------------------------------------------------

while read -r t; do
	fresh
	same "$t: a first run" "$t 1.csv" "$t --state S 1.csv"
	is "$t: its state is its owner's alone" -rw------- "$(ls -l S | cut -c 1-10)"
	same "$t: a second one" "$t 1.csv 2.csv" "$t --state S 2.csv"
	same "$t: a third one, from a pipe" "$t --no-dedup 1.csv 2.csv 3.csv" "cat 3.csv | $t --no-dedup --state S"
	same "$t: nothing new" "$t 1.csv 2.csv 3.csv" "$t --state S </dev/null"
	kept "$t: which changes nothing" "$t --state S </dev/null" 0
	fresh
	same "$t: in another order, compressed" "$t 1.csv 2.csv 3.csv" \
		"gzip -c 3.csv >3.csv.gz; $t --state S 3.csv.gz >out && $t --state S 1.csv >out && $t --state S 2.csv"
	fresh
	head -n 1 log.csv >none.csv
	same "$t: a state of nothing" "$t 1.csv" "$t --state S none.csv >out && $t --state S 1.csv"
done <programs

# --- what may change between runs ---------------------------------------------------------------------

printf 'group,user,name,joined,left,role\ng1,u1,,,,\ng1,silent,,2026-01-05,,\n' >roster.csv
while read -r t; do
	while read -r option; do
		# shellcheck disable=SC2086
		$t $option 1.csv >out 2>err || continue
		fresh
		$t --state S 1.csv >out 2>err
		same "$t: $option in a later run" "$t $option 1.csv 2.csv" "$t $option --state S 2.csv"
		same "$t: and not in the one after" "$t 1.csv 2.csv 3.csv" "$t --state S 3.csv"
	done <<-X
	--since $(date_of $((one / 2))) --until $(date_of $two)
	--last 20d
	--staff u1,u2
	--include-staff
	--roster roster.csv
	--seen u1,u2,u3
	--refund ignore --zero-ok
	--confidence 0.8
	--as-of 2027-01-01
	X
	# what is stored may not, and the message says what it is
	fresh
	$t --state S 1.csv >out 2>err
	while read -r option; do
		kept "$t: $option is refused" "$t $option --state S 2.csv" 1
		says "$t: by its name" "S: .*--${option%% *} was .* and is .* now" "$t --$option --state S 2.csv"
	done <<-X
	tz Asia/Shanghai
	week-start sun
	day-start 04:00
	group g1
	where message
	active message
	set type=order
	X
done <programs
fresh
cohort-retention --state S 1.csv >out 2>err
says "a value has both its values in the message" "--period was 'week' and is 'month' now" "cohort-retention --period month --state S 2.csv"
says "a flag is given or not" "--no-header was not given and is given now" "cohort-retention --no-header --state S 2.csv"
says "another program's state" "S: this is a state of cohort-retention" "activity-rate --state S 2.csv"
printf 'u1,u2\n' >alias.csv
printf '# the same\nid,canonical\nu1,u2\n' >alias2.csv
printf 'u1,u3\n' >alias3.csv
says "aliases count by what is in the list" "--alias was not given and is 'content" "cohort-retention --alias alias.csv --state S 2.csv"
fresh
cohort-retention --alias alias.csv --state S 1.csv >out 2>err
exits "in whatever file" 0 "tail -n 1 alias2.csv >alias4.csv; cohort-retention --alias alias4.csv --state S 2.csv"
kept "but not another list" "cohort-retention --alias alias3.csv --state S 3.csv" 1
fresh
cohort-retention --people 2026-01-05:1 --state S 1.csv >out 2>err
same "of an option that is stored as given or not the value may change" \
	"cohort-retention --people 2026-01-05:0 1.csv 2.csv" "cohort-retention --people 2026-01-05:0 --state S 2.csv"
exits "chat-cat has no state" 2 "chat-cat --state S 1.csv"
kept "--partial and a state" "cohort-retention --partial --state S 3.csv" 2
kept "--merge and a state" "cohort-retention --merge --state S </dev/null" 2

# --- the moment of looking ------------------------------------------------------------------------------

day1=$(date_of $((one - 20)))
day2=$(date_of $((two - 20)))
while read -r t; do
	fresh
	same "$t: --as-of before the newest events" "$t --as-of $day1 1.csv" "$t --as-of $day1 --state S 1.csv"
	same "$t: the same again" "$t --as-of $day1 1.csv" "$t --as-of $day1 --state S 1.csv"
	same "$t: the next day they are there" "$t --as-of $day2 1.csv 2.csv" "$t --as-of $day2 --state S 2.csv"
	same "$t: and then all" "$t 1.csv 2.csv 3.csv" "$t --state S 3.csv"
	kept "$t: no way back" "$t --as-of $day1 --state S none.csv" 1
done <programs
says "which says so" "the state has counted events up to 20.*--as-of" "repurchase --as-of $day1 --state S none.csv"
fresh
same "--as-of before everything" "cohort-retention --as-of 2001-01-01 1.csv" "cohort-retention --as-of 2001-01-01 --state S 1.csv"
same "loses nothing" "cohort-retention 1.csv 2.csv" "cohort-retention --state S 2.csv"
exits "--max-age over all there is" 1 "cohort-retention --max-age 1d --state S none.csv"
exits "and young enough" 0 "SOURCE_DATE_EPOCH=$(date -u -d "$(date_of $two) + 1 day" +%s) cohort-retention --max-age 2d --state S none.csv"

# --- records that are taken many at a time ------------------------------------------------------------------

lines 9 9000 300 >many.csv
n=$(($(wc -l <many.csv) - 1))
part 1 $((n * 2 / 3)) many.csv >m1.csv
part $((n / 2)) "$n" many.csv >m2.csv
mid=$(sed -n "$((n / 3))s/T.*//p" many.csv)
repeats() { sed -n 's/.*: read \([0-9]*\) .* duplicate \([0-9]*\) .*/\1 \2/p' "$1"; }
while read -r t; do
	fresh
	same "$t: many, --as-of among them" "$t --as-of $mid many.csv" "$t --as-of $mid --state S many.csv"
	same "$t: then all of them" "$t many.csv" "$t --state S none.csv"
	same "$t: files that overlap" "$t many.csv" "$t m1.csv m2.csv"
	fresh
	$t --state S m1.csv >out 2>err
	$t -v --reader reference m1.csv m2.csv >out 2>slow
	same "$t: and in a state" "$t many.csv" "$t -v --state S m2.csv 2>fast"
	is "$t: what is dropped" "$((n * 2 / 3 - n / 2 + 1))" "$(repeats fast | cut -d' ' -f2)"
	is "$t: as the reference reader does" "$((n + n * 2 / 3 - n / 2 + 1)) $(repeats fast | cut -d' ' -f2)" "$(repeats slow)"
done <programs

# A state whose ids are not in order would be refused.
awk 'BEGIN {
	print "ts,user"
	for (i = 0; i < 700; i++) {
		id = "群/"
		for (k = i; k; k = int(k / 3))
			id = id substr("a-z", k % 3 + 1, 1)
		print "2026-01-05 10:00:00," id "\n2026-01-13 10:00:00," "群/" substr(id, 5, 1) "aaaaaa" i
	}
}' >ids.csv
fresh
exits "ids that begin alike" 0 "cohort-retention --state S ids.csv"
same "are in order" "cohort-retention --no-dedup ids.csv ids.csv none.csv" "tail -n 300 ids.csv | sed '1i ts,user' >more.csv; \
	cohort-retention --no-dedup --state S more.csv"

# --- nothing twice ---------------------------------------------------------------------------------------

while read -r t; do
	fresh
	$t --state S 1.csv >out 2>err
	$t --state S 2.csv >out 2>err
	cp 1.csv again.csv
	same "$t: a file once more, under another name" "$t 1.csv 2.csv" "$t --state S again.csv"
	same "$t: even with --no-dedup" "$t 1.csv 2.csv" "$t --no-dedup --state S 1.csv"
	same "$t: the same in a pipe" "$t 1.csv 2.csv" "cat 1.csv | $t --state S"
	kept "$t: but with --no-dedup that is refused" "cat 1.csv | $t --no-dedup --state S" 1
	part $((one + 1)) $((two + 5)) >2b.csv
	same "$t: a file that has grown" "$t 1.csv 2b.csv" "$t --no-dedup --state S 2b.csv"
	part $((one / 2)) $((two + 10)) >overlap.csv
	same "$t: an export that overlaps" "$t 1.csv 2b.csv overlap.csv" "$t --state S overlap.csv"
	same "$t: files in a folder" "$t 1.csv 2b.csv overlap.csv 3.csv" \
		"mkdir -p folder; cp 1.csv 2.csv 3.csv folder; $t --state S folder"
done <programs
fresh
cohort-retention --state S 1.csv >out 2>err
says "a file that is left out is named" "1.csv: the state has it already" "cohort-retention --state S 1.csv"
is "but not with -q" "" "$(cohort-retention -q --state S 1.csv 2>&1 >out)"
part 1 $((one + 5)) >1b.csv
says "one that has grown too" "1b.csv: the state has its beginning" "cohort-retention --state S 1b.csv"
says "and what an overlap has twice" "[0-9]+ events that an earlier file had already" "cohort-retention --state S overlap.csv"
fresh
head -c -1 1.csv >cut.csv
cohort-retention --state S cut.csv >out 2>err
(cat cut.csv; echo; part $((one + 1)) "$n" | sed 1d) >cut2.csv
same "a last line without its newline that was whole" "cohort-retention log.csv" "cohort-retention --state S cut2.csv"
(cat cut.csv; echo x; part $((one + 1)) "$n" | sed 1d) >cut3.csv
fresh
cohort-retention --state S cut.csv >out 2>err
kept "and one that was not" "cohort-retention --state S cut3.csv" 1
says "which says so" "cut3.csv: its last line was not finished" "cohort-retention --state S cut3.csv"
fresh
(cat 1.csv; sed -n 5p 1.csv; sed -n 5p 1.csv) >copies.csv
(head -n 1 1.csv; sed -n 5p 1.csv; sed -n 5p 1.csv; sed -n 5p 1.csv) >copies2.csv
t="activity-rate --no-flood --talk --state S"
$t copies.csv >out 2>err
same "copies that one file has are real" "activity-rate --no-flood --talk copies.csv copies2.csv" "$t copies2.csv"

# --- formats with a memory: lists of names beside the messages, records that are held back -------------------

mkdir -p slack/general
cat >slack/users.json <<'X'
[{"id":"U1","name":"ann","deleted":false,"real_name":"Ann","is_bot":false},
{"id":"U2","name":"bob","deleted":false,"real_name":"Bob","is_bot":false}]
X
echo '[{"type":"message","user":"U1","text":"hi","ts":"1767261600.000100"}]' >slack/general/2026-01-01.json
churn-list --state T slack >out 2>err
echo '[{"type":"message","user":"U2","text":"ho","ts":"1767348000.000100"}]' >slack/general/2026-01-02.json
same "names listed in a file that is known are read again" \
	"churn-list --newcomer 9d --class newcomer slack" "churn-list --newcomer 9d --class newcomer --state T2 slack >out; churn-list --newcomer 9d --class newcomer --state T2 slack"
is "and used" "U2,Bob" "$(churn-list --class newcomer,left,silent,cooling,never-spoke,benefits-only --columns user,name --state T slack 2>err | grep U2)"
cat >wa.txt <<'X'
01/02/2026, 09:00 - Ann: one
01/02/2026, 09:05 - Bob: two
goes on
13/02/2026, 09:10 - Ann: three
X
cp wa.txt wa2.txt
cat >>wa2.txt <<'X'
and on
14/02/2026, 10:00 - Cai: four
15/02/2026, 10:00 - Ann: five
X
activity-rate --state W wa.txt >out 2>err
same "a text log that has grown" "activity-rate --total --columns period,active,messages wa2.txt" \
	"activity-rate --total --columns period,active,messages --state W wa2.txt"

# --- words and columns of runs before ---------------------------------------------------------------------

printf 'ts,user,type,city\n2026-03-02,ann,vote,Wien\n2026-03-03,bob,message,Linz\n' >city.csv
printf 'ts,user,type\n2026-03-09,ann,message\n' >plain.csv
fresh
t="cohort-retention --active 'vote|message' --by city --map user=user"
same "a column and a type that only the first file has" "$t city.csv plain.csv" "$t --state S city.csv >out && $t --state S plain.csv"
is "without a word" "" "$(sh -c "$t --state S plain.csv" 2>&1 >out | grep -v 'has it already')"
fresh
exits "one that no file ever had" 2 "cohort-retention --by cty --state S city.csv"
is "makes no state" "" "$(ls S 2>/dev/null)"

# --- refused ------------------------------------------------------------------------------------------------

fresh
t="repurchase --state S"
$t 1.csv >out 2>err
cp S good
size=$(wc -c <S)
i=0
while [ $i -lt "$size" ]; do
	# shellcheck disable=SC2059
	{ head -c $i good; head -c $((i + 1)) good | tail -c 1 | tr '\000-\377' '\001-\377\000'; tail -c +$((i + 2)) good; } >S
	cp S bad
	$t 2.csv >out 2>err && echo "a changed byte at $i"
	cmp -s S bad || echo "a changed state was replaced at $i"
	head -c $i good >S
	cp S bad
	$t 2.csv >out 2>err && echo "cut at $i"
	cmp -s S bad || echo "a cut state was replaced at $i"
	[ -s out ] && echo "a table at $i"
	i=$((i + 1 + size / 60))
done >broken
is "a changed byte, a state cut off: refused and left" "" "$(cat broken)"
: >S
kept "an empty file is no state" "$t 2.csv" 1
says "which says so" "S: .*empty" "$t 2.csv"
sed '1s/1$/9/' good >S
kept "a newer version" "$t 2.csv" 1
says "which says so" "S: the state has version 9.*newer" "$t 2.csv"
cp 1.csv S
kept "any other file" "$t 2.csv" 1
rm -f S
mkdir S
exits "a folder" 1 "$t 2.csv"
rmdir S
cp good S
kept "bad records" "sed 's/^20/x/' 2.csv >bad.csv; $t bad.csv" 1
kept "a file that is not there" "$t nowhere.csv" 1
kept "a wrong option" "$t --sort nosuch 2.csv" 2
kept "an export that is stuck" "$t --max-age 1d 2.csv" 1
kept "no rows where some are required" "$t --require-rows --since 2090-01-01 --period month 2.csv" 1
kept "a full disk under the table" "$t 2.csv >/dev/full" 1
kept "closed stdout" "$t 2.csv >&-" 1
kept "a full disk under the state" "ulimit -f 1; $t 2.csv" 1
says "which says so" "S: cannot write the state.*: File too large" "ulimit -f 1; $t 2.csv"
kept "a reader that goes away" "(sleep 0.3; $t 2.csv; echo \$? >rc) | true; [ \$(cat rc) -ge 1 ]" 0
kept "or does where the signal is ignored" "(trap '' PIPE; sleep 0.3; $t 2.csv; echo \$? >rc) | true; [ \$(cat rc) -eq 1 ]" 0
same "after all this it goes on" "repurchase 1.csv 2.csv" "$t 2.csv"
cp good S
exits "an alarm is no failure" 3 "$t --alert 'buyers>0' 2.csv"
same "the state has advanced" "repurchase 1.csv 2.csv" "$t none.csv"
exits "bad records that are skipped" 0 "(cat 3.csv; echo 'when,who') >skip.csv; $t --skip-bad skip.csv"
same "likewise" "repurchase 1.csv 2.csv 3.csv" "$t none.csv"

# --- rules of a zone that have changed -------------------------------------------------------------------------

zones=/usr/share/zoneinfo
mkdir -p tz/Asia
cp $zones/tzdata.zi tz/ 2>/dev/null || echo '# version 2000a' >tz/tzdata.zi
cp $zones/Asia/Shanghai tz/Asia/Shanghai
fresh
t="cohort-retention --tz Asia/Shanghai --state S"
TZDIR=$PWD/tz $t 1.csv >out 2>err
sed '1s/version .*/version 2099z/' tz/tzdata.zi >tz/new && mv tz/new tz/tzdata.zi
exits "a new release of tzdata" 0 "TZDIR=$PWD/tz $t 2.csv"
cp $zones/Asia/Tokyo tz/Asia/Shanghai
kept "that changes the zone" "TZDIR=$PWD/tz $t 3.csv" 1
says "which says so" "rules of Asia/Shanghai in tzdata 2099z" "TZDIR=$PWD/tz $t 3.csv"

# --- links, locks, two runs at once -----------------------------------------------------------------------------

fresh
mkdir -p far
ln -s far/real S
same "a link to where there is no state yet" "repurchase 1.csv" "repurchase --state S 1.csv"
is "the state lies there, and so does its lock" "real real.lock" "$(ls far | tr '\n' ' ' | sed 's/ $//')"
same "and is found" "repurchase 1.csv 2.csv" "repurchase --state S 2.csv"
is "the link stays one" l "$(ls -l S | cut -c 1)"
fresh
if command -v flock >/dev/null; then
	exits "a locked state, --no-wait" 75 "flock S.lock repurchase --no-wait --state S 1.csv"
	says "which says so" "S: another run has the state" "flock S.lock repurchase --no-wait --state S 1.csv"
	same "else it waits" "repurchase 1.csv" "flock S.lock sleep 0.5 & sleep 0.1; repurchase --state S 1.csv; rc=\$?; wait; exit \$rc"
else
	skip "locks" "there is no flock"
fi
fresh
i=0
while [ $i -lt 40 ]; do
	part $((n * i / 40 + 1)) $((n * (i + 1) / 40)) >p.$i.csv
	i=$((i + 1))
done
i=0
while [ $i -lt 40 ]; do
	repurchase --state S --no-dedup p.$i.csv >out.$i 2>err.$i || echo "$i failed" >>failed &
	i=$((i + 1))
done
wait
is "40 runs at once all end well" "" "$(cat failed 2>/dev/null)"
same "and count everything once" "repurchase log.csv" "repurchase --state S none.csv"
i=0
while [ $i -lt 10 ]; do
	repurchase --state S log.csv >out.$i 2>err.$i &
	i=$((i + 1))
done
wait
same "10 runs at once with the same input count it once" "repurchase log.csv" "repurchase --state S none.csv"

# --- what is in a state -------------------------------------------------------------------------------------------

cat >text.csv <<'X'
ts,group,user,name,type,text,amount,order_id,product
2026-03-02 09:00:00,g1,ann,Ann,join,,,,
2026-03-02 10:00:00,g1,bob,Bob,message,SECRETONE,,,
2026-03-02 11:00:00,g1,ann,Ann,message,"SECRETTWO, there",,,
2026-03-09 09:00:00,g1,ann,Ann,order,,12.50,o1,apple
2026-03-10 09:00:00,g1,cai,Cai,share,SECRETTHREE,,,
X
inside() { tail -c +18 "$1" | zstd -dc 2>/dev/null; }
while read -r t; do
	fresh
	$t --state S text.csv >out 2>err
	is "$t: no message is in the state" "" "$(inside S | grep -ao 'SECRET[A-Z]*')"
	is "$t: people are" ann "$(inside S | grep -ao ann | sort -u)"
done <programs
for t in 'activity-rate --no-flood' 'cohort-retention --mode member' 'cohort-retention --survival' 'churn-list --summary'; do
	fresh
	$t --state S text.csv >out 2>err
	is "$t: no message is in the state" "" "$(inside S | grep -ao 'SECRET[A-Z]*')"
done

# --- whom it forgets -----------------------------------------------------------------------------------------------

cat >people.csv <<'X'
ts,group,user,name,type,text,ref,source,amount,order_id,product,city
2026-03-01 09:00:00,g1,bob,Bob,message,hello,,,,,,Linz
2026-03-02 09:00:00,g1,zara-77,Zara,join,zara-77 came,bob,invite,,,,Wien
2026-03-02 10:00:00,g1,dan,Dan,join,zara-77 invited dan,zara-77,invite,,,,Wien
2026-03-02 11:00:00,g1,zara-77,Zara,message,hi,,,,,,Wien
2026-03-02 12:00:00,g1,dan,Dan,message,for zara-77,zara-77,,,,,Linz
2026-03-09 09:00:00,g1,zara-77,Zara,order,,,,12.50,o1,apple,Wien
2026-03-09 10:00:00,g1,dan,Dan,order,,zara-77,,2.50,o2,pear,Wien
2026-03-10 09:00:00,g1,bob,Bob,leave,,zara-77,removed,,,,Wien
2026-03-20 09:00:00,g1,dan,Dan,message,bye,,,,,,Wien
X
sed '/,zara-77,Zara,/d; s/,zara-77,/,(forgotten),/; s/[a-z ]*zara-77[a-z ]*//' people.csv >rest.csv
while read -r t; do
	for more in '' '--by source' '--by city' '--by ref'; do
		fresh
		# shellcheck disable=SC2086
		$t $more --state S people.csv >out 2>err || continue
		exits "$t $more: --forget" 0 "$t $more --state S --forget zara-77"
		is "$t $more: prints nothing" "" "$(cat .a)"
		same "$t $more: the others stay as they were" "$t $more rest.csv | sed 1d" "$t $more --state S </dev/null | sed 1d"
		is "$t $more: nothing of the id is left" "" "$(inside S | grep -ao 'zara-77')"
		kept "$t $more: nor does the same input bring it back" "$t $more --state S people.csv" 0
	done
done <programs
for t in 'activity-rate --no-flood' 'cohort-retention --mode member --by ref' 'funnel --steps join,message --hold ref'; do
	fresh
	$t --state S people.csv >out 2>err
	$t --state S --forget zara-77
	is "$t: nothing of the id is left" "" "$(inside S | grep -ao 'zara-77')"
done
fresh
repurchase --state S people.csv >out 2>err
kept "nobody of that name" "repurchase --state S --forget zara" 1
says "which says so" "S: the state has nobody with the id 'zara'" "repurchase --state S --forget zara"
exits "--forget and a file" 2 "repurchase --state S --forget dan people.csv"
exits "--forget without a state" 2 "repurchase --forget dan </dev/null"
exits "of no state" 1 "repurchase --state none --forget dan"
is "makes none" "" "$(ls none 2>/dev/null)"
fresh
sed 's/,zara-77,/,,/; s/,bob,/,,/' people.csv >names.csv
exits "a name that is an id in its group" 0 "cohort-retention --map user=name --state S names.csv >out && cohort-retention --map user=name --state S --forget Dan"
finish
