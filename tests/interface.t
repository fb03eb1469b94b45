#!/bin/sh
# What a user may write, and write wrong: every sentence about options, settings and alarms, tried.
. tests/lib.sh
cd "$scratch" || exit 99

cat >log.csv <<'X'
ts,group,user,name,type,text,amount,order_id,product,qty,ref,source,role,id,city,status
2026-03-02T09:00:00Z,shop-1,ann,Ann,message,hello,,,,,,,,id0,BJ,
2026-03-02T10:00:00Z,shop-1,ann,Ann,order,txt,12.50,o1,tea,3,bob,qr,vip,id1,SH,paid
2026-03-02T10:00:00Z,shop-1,bob,Bob,message,hello,5,o9,rice,2,ann,link,vip,id2,BJ,
2026-03-09T10:00:00Z,shop-1,ann,Ann,order,txt2,9,o2,pear,1,cai,app,,id3,SH,shipped
2026-03-09T11:00:00Z,shop-2,cai,Cai,message,hello,,,,,,,,id4,BJ,
2026-03-10T11:00:00Z,shop-2,ann,Ann,message,hello,,,,,,,,id5,BJ,
X

# Fields of an order are those of its earliest line in every program, whoever asks: a predicate or --by.
orders() { # PREDICATE: how many of ann's orders meet it, by five programs
	echo "$(activity-rate -q --total --period year --where "order & $1" -c active log.csv | sed 1d)" \
		"$(cohort-retention -q --period year --where "order & $1" -c size log.csv | sed 1d)" \
		"$(repurchase -q --where "order & $1" -c orders log.csv | sed 1d)" \
		"$(churn-list -q --class newcomer,silent,buyer-silent,cooling --unit member --where "order & $1" -c user,orders log.csv | sed -n 's/^ann,//p' | sort -n | tail -n 1)" \
		"$(funnel -q --steps "order & $1,message" --count entries -c reached log.csv | sed -n 2p)"
}
for case in user=ann:2 name=Ann:2 role=vip:1 role=:1 status=paid:1 status=shipped:1 product=tea:1 id=id3:1 qty=3:1 \
	source=app:1 ref=bob:1 text=txt2:1 city=SH:2 group=shop-1:2 type=order:2; do
	n=${case##*:}
	is "orders with ${case%:*}" "1 1 $n $n $n" "$(orders "${case%:*}")"
done
is "nobody else's" "0  0 0 0" "$(orders user=bob)"
for by in user:ann name:Ann status:paid type:order id:id1; do
	is "--by ${by%:*} of an order that is a birth" "${by#*:},2026-03-02,1" \
		"$(cohort-retention -q --birth order --by "${by%:*}" -c "${by%:*},cohort,size" log.csv | sed -n "/^${by#*:},/{p;q}")"
	is "--by ${by%:*} of an order that is a first step" "${by#*:},1" \
		"$(funnel -q --steps order,message --by "${by%:*}" -c "${by%:*},reached" log.csv | sed -n "/^${by#*:},/{p;q}")"
done
# Who is known by name is a person of his group, but nobody writes or reads that group beside the name.
printf '2026/3/2 10:00 - Ann: hello\n2026/3/9 10:00 - Ann: hello\n2026/3/9 10:01 - Bob: hi\n' >names.txt
is "a predicate on a name used as id" 1 "$(activity-rate -q --period year --where user=Ann -c talkers names.txt | sed 1d)"
is "--by a name used as id" "user Ann Bob" "$(cohort-retention -q --by user -c user names.txt | uniq | paste -sd ' ' -)"
is "--hold it" 1 "$(funnel -q --steps message,message --window 9d --hold user -c reached names.txt | sed -n 3p)"

for tool in cohort-retention funnel\ --steps\ join,order repurchase; do
	t="$tool log.csv"
	says "$tool: --by grop" "did you mean 'group'" "$t --by grop"
	exits "$tool: --by twice the same" 2 "$t --by city,city"
	same "$tool: blanks after commas of --by" "$t --by city,role" "$t --by 'city, role'"
	for field in ts amount refund; do
		exits "$tool: --by $field, a quantity" 2 "$t --by $field"
	done
done

# Groups that are not there.
for tool in activity-rate churn-list cohort-retention funnel\ --steps\ join,order repurchase; do
	says "$tool: a group that is nearly there" "no group 'shop1'; did you mean 'shop-1'" "$tool --group shop1 log.csv"
	exits "$tool: is a usage error" 2 "$tool --group shop1 log.csv"
	says "$tool: a group far from any" "warning: no group matches 'nosuch'" "$tool --group nosuch log.csv"
	says "$tool: a pattern that none matches" "warning: no group matches 'x\*'" "$tool --group 'x*' log.csv"
	[ "$tool" = repurchase ] || same "$tool: is the table of nothing" "head -n 1 log.csv | $tool" "$tool --group nosuch log.csv"
	is "$tool: --quiet is quiet about it" "" "$($tool -q --group nosuch --where nosuch log.csv 2>&1 >out)"
done
printf 'group,user\nshop-1,ann\nshop-3,dan\n' >list.csv
is "a group that only the member list has" "" "$(churn-list --roster list.csv --group shop-3 log.csv 2>&1 >out)"

# Alarms. What can never hold is no alarm.
alarm="cohort-retention -q log.csv"
for alert in 'rate<20%' 'rate<abc' 'rate<' 'rate=<0.2' 'rate<>1' 'rate=>1' 'rate!1' 'rate' '<1' 'cohort<1' 'cohort<2026-02-30' 'nosuch<1'; do
	exits "--alert '$alert' is refused" 2 "$alarm --alert '$alert'"
done
says "and the column that is meant is named" "no column 'rat'; did you mean 'rate'" "$alarm --alert 'rat<1'"
is "no alarm is given beside one that is refused" 1 "$($alarm --alert 'rate<=1' --alert 'rat<1' 2>&1 | wc -l)"
for alert in 'rate<=1' 'rate=1' 'rate==1' 'size!=7' ' rate > .5 ' 'cohort=2026-03-02' 'cohort<=2026-03-02' 'cohort!=2026-03-09'; do
	exits "--alert '$alert' holds" 3 "$alarm --alert '$alert'"
done
for alert in 'rate>1' 'size=7' 'cohort>2026-03-09' 'cohort=2026-03-09'; do # the newest week is not complete
	exits "--alert '$alert' does not" 0 "$alarm --alert '$alert'"
done
silent="churn-list -q --silent 1d --newcomer 1d --as-of 2026-03-20 log.csv"
exits "a word" 3 "$silent --alert class=silent"
exits "one of several words" 3 "$silent --alert reason=silent"
exits "another word" 3 "$silent --alert class!=silent"
exits "a word that no row has" 0 "$silent --alert class=left"
exits "words are not less or more" 2 "$silent --alert 'class<silent'"
says "who is meant is said, also where rows have no keys" "alert silent_days>9: group shop-1, user bob, name Bob is 18" "$silent --alert 'silent_days>9'"
exits "--alert-only without --alert" 2 "$alarm --alert-only"
exits "a write that fails wins over an alarm" 1 "$alarm --alert 'rate<=1' >/dev/full"

# Settings: flags of settings may be off; what is wrong is said with its place.
t="activity-rate -q -n 1 $scratch/log.csv"
mkdir folder
in_conf() { printf '# settings\n%s\n' "$1" >folder/quntools.conf; }
for line in talk --talk 'talk yes' talk=1 'talk = on' 'talk	true'; do
	in_conf "$line"
	prints "'$line' of a settings file" ugc_share "cd folder && $t"
done
for line in 'talk no' talk=0 'talk = off' 'talk false'; do
	in_conf "$line"
	prints "'$line' of one" messages,complete "cd folder && $t"
done
in_conf 'talk maybe'
says "'talk maybe' and its line" 'line 2 of quntools.conf' "cd folder && $t"
exits "'talk maybe' is refused" 2 "cd folder && $t"
in_conf 'perid week'
says "a mistyped option and its line" "did you mean '--period'" "cd folder && $t"
in_conf 'period = week'
is "NAME = VALUE" 2026-03-02 "$(cd folder && $t -c period | sed 1d)"
is "the environment wins over the folder's file" 2026-03-01 "$(cd folder && QUN_PERIOD=month $t -c period | sed 1d)"
is "the command line over the environment" 2026-01-01 "$(cd folder && QUN_PERIOD=month $t -c period --period year | sed 1d)"
mkdir -p "$scratch/.home" && echo 'period quarter' >"$scratch/.home/quntools.conf"
is "the folder's file over the user's" 2026-03-02 "$(cd folder && $t -c period | sed 1d)"
rm folder/quntools.conf
is "the user's over the default" 2026-01-01 "$(cd folder && $t -c period | sed 1d)"
rm "$scratch/.home/quntools.conf"
prints "QUN_TALK=no" messages,complete "QUN_TALK=no $t"
prints "QUN_TALK=1" ugc_share "QUN_TALK=1 $t"
says "QUN_TOP=x and where it stands" 'variable QUN_TOP' "QUN_TOP=x activity-rate log.csv"
prints "QUN_VERSION and QUN_HELP are anybody's" ^group "QUN_VERSION=9 QUN_HELP=1 $t"

# Zones.
for tz in UTC+8 GMT-5 UTC+08:00; do
	says "--tz $tz is read both ways" 'name a place' "activity-rate --tz $tz log.csv"
	exits "and refused" 2 "activity-rate --tz $tz log.csv"
done
exits "names and rules that are one zone" 0 "for z in UTC Etc/GMT-8 CST-8 EST5EDT Asia/Shanghai; do activity-rate -q --tz \$z log.csv || exit; done"

# Words of the command line.
says "a flag with a value" "'--quiet' takes no value" "$t --quiet=1"
exits "is refused" 2 "$t --quiet=1"
exits "a column twice" 2 "$t --columns group,group"
exits "--within twice the same" 2 "repurchase --within 30,30 log.csv"
cp log.csv ./-n
is "-- ends the options" 1 "$(activity-rate -q -n 1 -- -n | sed 1d | wc -l)"
is "- is standard input among files, whose records count once" 7 "$(head -n 3 log.csv | chat-cat -q - ./-n 2>/dev/null | wc -l)"
exits "options behind files" 0 "activity-rate log.csv --top 1"

# --rejects writes over nothing but rejects.
sed '2s/^2026/then/' log.csv >bad.csv
cp bad.csv kept.csv
exits "--rejects into the input" 2 "activity-rate --skip-bad --rejects bad.csv bad.csv"
is "leaves it alone" "$(cat kept.csv)" "$(cat bad.csv)"
exits "--rejects into a new file" 0 "activity-rate -q --skip-bad --rejects new.csv bad.csv"
exits "and once more" 0 "activity-rate -q --skip-bad --rejects new.csv bad.csv"
is "has them once" 2 "$(wc -l <new.csv)"
finish
