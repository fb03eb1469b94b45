#!/bin/sh
# chat-cat: what goes out is what came in. Its output read again gives the same tables from every program,
# whatever clothes the input came in; overlaps are dropped once; nobody is named under pseudonyms.
. tests/lib.sh
case $QUN_SHARED in /*) S=$QUN_SHARED/samples ;; *) S=$PWD/$QUN_SHARED/samples ;; esac
cd "$scratch" || exit 99

# --- canonical form --------------------------------------------------------------------------------

cat >one.csv <<'X'
time,room,uid,nickname,event,message,total,order id,inviter
2026-03-02 09:00:00.123456,g,ann,Ann,join,,,,bob
2026-03-02 09:00:01,g,bob,"B, ""ob""",message,"two
lines, a , comma",,,
2026-03-02 09:00:02,g,ann,Ann,order,,"¥1,234.50",o1,
2026-03-02 09:00:03,g,ann,Ann,order,,12.345,o2,
2026-03-02 09:00:04,g,,,message,nobody,,,
2026-03-02 09:00:05,g,bob,B,kick,,,,ann
2026-03-02 09:00:06,,cai,,pv,,,,
X
is "canonical CSV" 'ts,group,user,name,type,text,amount,order_id,product,qty,ref,source,role,id
2026-03-02T09:00:00.123456+00:00,g,ann,Ann,join,,,,,,bob,,,
2026-03-02T09:00:01+00:00,g,bob,"B, ""ob""",message,"two
lines, a , comma",,,,,,,,
2026-03-02T09:00:02+00:00,g,ann,Ann,order,,1234.50,o1,,,,,,
2026-03-02T09:00:03+00:00,g,ann,Ann,order,,12.345,o2,,,,,,
2026-03-02T09:00:04+00:00,g,,,message,nobody,,,,,,,,
2026-03-02T09:00:05+00:00,g,bob,B,leave,,,,,,ann,,,
2026-03-02T09:00:06+00:00,-,cai,,pv,,,,,,,,,' "$(chat-cat -q one.csv)"
is "NDJSON" '{"ts":"2026-03-02T17:00:00.123456+08:00","group":"g","user":"ann","name":"Ann","type":"join","ref":"bob"}
{"ts":"2026-03-02T17:00:01+08:00","group":"g","user":"bob","name":"B, \"ob\"","type":"message","text":"two\nlines, a , comma"}
{"ts":"2026-03-02T17:00:02+08:00","group":"g","user":"ann","name":"Ann","type":"order","amount":1234.50,"order_id":"o1"}
{"ts":"2026-03-02T17:00:03+08:00","group":"g","user":"ann","name":"Ann","type":"order","amount":12.345,"order_id":"o2"}
{"ts":"2026-03-02T17:00:04+08:00","group":"g","user":"","type":"message","text":"nobody"}
{"ts":"2026-03-02T17:00:05+08:00","group":"g","user":"bob","name":"B","type":"leave","ref":"ann"}
{"ts":"2026-03-02T17:00:06+08:00","group":"-","user":"cai","type":"pv"}' \
	"$(chat-cat -q one.csv | chat-cat -q --tz Asia/Shanghai -o ndjson)"
same "a JSON array holds the same objects" "chat-cat -q -o ndjson one.csv" \
	"chat-cat -q -o json one.csv | sed '1d; \$d; s/,\$//'"
same "it is canonical already" "chat-cat -q one.csv" "chat-cat -q one.csv | chat-cat -q"
same "through NDJSON too" "chat-cat -q one.csv" "chat-cat -q -o ndjson one.csv | chat-cat -q"
is "--columns" 'user,ts
ann,2026-03-02T09:00:00.123456+00:00' "$(chat-cat -q -c user,ts --top 1 one.csv)"
exits "--columns of what is no field" 2 "chat-cat -c user,when one.csv"
is "--where and a range" 'user,type
ann,order' "$(chat-cat -q -c user,type --where order --since '2026-03-02 09:00:02' --until '2026-03-02 09:00:03' one.csv)"
is "--last counts from the newest event" 'user
bob
cai' "$(chat-cat -q -c user --last 1s one.csv)"
is "--as-of" 8 "$(chat-cat -q --as-of '2026-03-02 09:00:05' one.csv | wc -l)"
is "--drop-text" 0 "$(chat-cat -q --drop-text one.csv | grep -c 'lines\|nobody')"
same "an endless pipe need not end: records go out as they come where bad ones are skipped" \
	"chat-cat -q one.csv" "chat-cat -q --skip-bad one.csv"
for option in by=group alert=amount=1 sort=user staff=ann roster=x active=order confidence=0.9; do
	says "--${option%%=*} is refused, not ignored" "means nothing here" "chat-cat --$option one.csv"
done
same "in a settings file it is passed over, one file serves all" "chat-cat -q one.csv" \
	"printf 'by group\nsort-time\nno-dedup\n' >quntools.conf && cohort-retention one.csv >/dev/null && sed -i /sort-time/d quntools.conf && chat-cat -q one.csv; rm -f quntools.conf"
exits "another program passes over what only chat-cat has" 0 \
	"printf 'sort-time\nbuffer 9\n' >quntools.conf; cohort-retention one.csv; rc=\$?; rm -f quntools.conf; exit \$rc"
prints "--list-formats" '^csv,CSV,' "chat-cat --list-formats -o csv"

# --- names used as ids -----------------------------------------------------------------------------

cat >names.csv <<'X'
ts,group,name,type,ref
2026-03-02 09:00:00,g1,Ann,join,Bob
2026-03-02 09:00:01,g1,Ann,message,
2026-03-03 09:00:01,g2,Ann,message,
2026-03-03 09:00:02,g2,'90后,message,
X
us=$(printf '\037')
is "a name used as id bears its group behind U+001F" "user,ref
Ann${us}g1,Bob${us}g1
Ann${us}g1,
Ann${us}g2,
'90后${us}g2," "$(chat-cat -q -c user,ref names.csv)"
chat-cat -q names.csv >names2.csv
printf 'id,canonical\nAnn,U1\n' >people.csv
for option in '' --names-global '--alias people.csv' '--staff Ann'; do
	same "names keep people of two groups apart: activity-rate $option" \
		"activity-rate --total $option names.csv" "activity-rate --total $option names2.csv"
	same "churn-list $option" "churn-list --class newcomer,never-spoke,silent $option names.csv" \
		"churn-list --class newcomer,never-spoke,silent $option names2.csv"
done
is "--names-global writes the plain name" Ann "$(chat-cat -q --names-global -c user names.csv | sed -n 2p)"
is "people see the plain name" Ann "$(chat-cat -q -o table -c user names.csv | sed -n 3p)"

# --- sorting ---------------------------------------------------------------------------------------

awk 'BEGIN { srand(3); print "ts,group,user,type,text,order_id,amount,id"
	for (i = 0; i < 30000; i++) printf "%d,g%d,u%d,%s,%s %d,%s,%s,m%d\n", 1.7e9 + int(rand() * 4000), rand() * 3, rand() * 9,
		substr("join   leave  messageorder  ", 1 + 7 * int(rand() * 4), 7), "some words to fill the lines with", rand() * 4,
		rand() < .2 ? "o" int(rand() * 9) : "", rand() < .2 ? int(rand() * 100) : "", rand() * 50 }' | sed 's/ *,/,/g' >many.csv
(head -n 1 many.csv; tail -n +2 many.csv | sort -t, -k8,8 -k4,4) >shuffled.csv
chat-cat -q --sort-time many.csv >sorted.csv
is "sorted by time" "" "$(cut -d, -f1 sorted.csv | tail -n +2 | LC_ALL=C sort -c 2>&1)"
same "nothing is lost" "chat-cat -q many.csv | sort" "sort sorted.csv"
same "the order of the input does not show" "cat sorted.csv" "chat-cat -q --sort-time shuffled.csv"
same "nor does memory: runs on disk are merged" "cat sorted.csv" "TMPDIR=$scratch chat-cat -q --sort-time --buffer 1 shuffled.csv"
same "without sorting the order is kept, on disk too" "chat-cat -q many.csv" "chat-cat -q --buffer 1 many.csv"
says "no room for a temporary file" "cannot make a temporary file in $scratch/none" "TMPDIR=$scratch/none chat-cat --buffer 1 many.csv"
exits "is an error" 1 "TMPDIR=$scratch/none chat-cat --buffer 1 many.csv"
is "no file is left behind" "" "$(ls "$scratch" | grep quntools-)"
is "joins first, leaves last at one instant" "join message leave" "$(printf 'ts,user,type\n1700000000,a,leave\n1700000000,a,message\n1700000000,a,join\n' |
	chat-cat -q --sort-time -c type | tail -n +2 | xargs)"

# --- overlaps --------------------------------------------------------------------------------------

cat >week1.csv <<'X'
ts,group,user,type,text,id
2026-03-02 09:00:00,g,ann,message,ok,
2026-03-02 09:00:00,g,ann,message,ok,
2026-03-02 09:00:01,g,bob,message,hi,7
X
cat >week2.csv <<'X'
id,text,type,user,group,ts
,ok,message,ann,g,2026-03-02T09:00:00Z
,ok,message,ann,g,2026-03-02T09:00:00Z
,ok,message,ann,g,2026-03-02T09:00:00Z
7,hi (edited),message,bob,g,2026-03-02 09:00:01
8,hi,message,bob,g,2026-03-02 09:00:01
7,hi,message,bob,other,2026-03-02 09:00:01
X
rows() { chat-cat -q "$@" | tail -n +2 | wc -l; }
is "one file keeps its own repeats" 3 "$(rows week1.csv)"
is "of a later file only what it has more of is new" 6 "$(rows week1.csv week2.csv)"
is "in either order" 6 "$(rows week2.csv week1.csv)"
is "three times the same" 3 "$(rows week1.csv week1.csv week1.csv)"
is "--no-dedup" 9 "$(rows --no-dedup week1.csv week2.csv)"
is "of both options the later one counts" 6 "$(rows --no-dedup --dedup week1.csv week2.csv)"
mkdir weeks && cp week1.csv week2.csv weeks
is "a folder is its files" 6 "$(rows weeks)"
says "the number dropped is said" "3 events that an earlier file had" "chat-cat week1.csv week2.csv"
says "and accounted for" "read 9 = used 6 . filtered 0 . duplicate 3 . bad 0" "chat-cat -v week1.csv week2.csv"
is "--dedup leaves one file alone" 3 "$(rows --dedup week1.csv)"
cat >lines.csv <<'X'
ts,user,type,order_id,product,amount,id
2026-03-02 09:00:00,ann,order,o1,apple,1,x
2026-03-02 09:00:00,ann,order,o1,pear,2,x
X
sed 's/,2,x/,3,x/' lines.csv >lines2.csv
is "an order row's key includes its order fields" 3 "$(rows lines.csv lines2.csv)"
for tool in $(tools); do
	[ "$tool" = funnel ] && tool="funnel --steps join,message"
	[ "$tool" = chat-cat ] && tool="chat-cat --sort-time"
	same "$tool: an export given twice counts once" "$tool -q sorted.csv" "$tool -q sorted.csv many.csv"
done

# --- columns of one file of several ----------------------------------------------------------------

printf 'when,user,total\n2026-03-02,ann,5\n' >shop.csv
is "--map may name a column that one of the files has" 4 "$(chat-cat -q --no-dedup --map ts=when week1.csv shop.csv | tail -n +2 | wc -l)"
says "but some file must" "no column 'whn'" "chat-cat --map text=whn week1.csv week2.csv"
exits "or else it is wrong usage" 2 "chat-cat --map text=whn week1.csv week2.csv"

# --- pseudonyms ------------------------------------------------------------------------------------

cat >talk.csv <<'X'
ts,group,user,name,type,text,ref
2026-03-02 09:00:00,g,u1,Tom Jr,join,"""Ann""邀请""Tom Jr""加入了群聊",u2
2026-03-02 09:00:01,g,u1,Tom Jr,message,@Ann hello @all,
2026-03-02 09:00:02,g,u2,Ann,message,@Tom Jr thanks @Stranger.,
X
head -c 32 /dev/urandom >key
chmod 600 key
masked="chat-cat -q --pseudonymise key"
$masked talk.csv >masked.csv
is "nobody is named" 0 "$(grep -c 'u1\|u2\|Ann\|Tom\|Jr\|Stranger' masked.csv)"
is "all are still called" 1 "$(grep -c '@all' masked.csv)"
same "the same key gives the same pseudonyms" "$masked talk.csv" "$masked talk.csv"
is "an inviter is the one who speaks" yes "$(awk -F, 'NR == 2 { ref = $11 } NR == 4 { print ref == $3 ? "yes" : "no" }' masked.csv)"
is "a mention is the name of the one who speaks" yes \
	"$(awk -F, 'NR == 3 { split($6, t, "[@ ]") } NR == 4 { print t[2] == $4 ? "yes" : "no" }' masked.csv)"
is "an id is 128 bits in hex" yes "$(awk -F, 'NR == 2 && $3 ~ /^[0-9a-f]+$/ && length($3) == 32 { print "yes" }' masked.csv)"
is "HMAC-SHA-256 of the kind, a NUL and the id" \
	"$(printf 'user\000u1' | perl -MDigest::SHA=hmac_sha256_hex -e 'open K, "key"; binmode K; local $/; print substr hmac_sha256_hex(<STDIN>, <K>), 0, 32')" \
	"$(sed -n 2p masked.csv | cut -d, -f3)"
same "tables do not change" "activity-rate talk.csv" "activity-rate masked.csv"
head -c 31 key >short
chmod 600 short
says "a key of 31 bytes is too short" "at least 32 bytes" "chat-cat --pseudonymise short talk.csv"
exits "and refused" 1 "chat-cat --pseudonymise short talk.csv"
chmod 640 key
says "a key that others may read too" "others may read the key" "$masked talk.csv"
exits "a key that is not there" 1 "chat-cat --pseudonymise none talk.csv"

# --- ChatLab ---------------------------------------------------------------------------------------

is "ChatLab: a header, the people, the messages" 'header member member message message message' \
	"$(chat-cat -q -o chatlab talk.csv | sed 's/^{"_type":"\([a-z]*\)".*/\1/' | xargs)"
same "read again it has the same people, joins and messages" \
	"activity-rate -c members,active,messages talk.csv" "chat-cat -q -o chatlab talk.csv | activity-rate -q -c members,active,messages"
exits "ChatLab holds one group" 1 "chat-cat -o chatlab week2.csv"
exits "--group chooses it" 0 "chat-cat -o chatlab --group g week2.csv"

# --- --check ---------------------------------------------------------------------------------------

check='chat-cat --check'
prints "--check: the format, and why" "because +the names of its columns" "$check one.csv"
prints "what was mapped to what" "ts = time, group = room, user = uid" "$check one.csv"
prints "what is in it" "events 7, people 3, groups 2" "$check one.csv"
prints "types" "1 join, 1 leave, 2 message, 2 order, 1 pv" "$check one.csv"
prints "what can be asked" "repurchase +yes" "$check one.csv"
prints "and what cannot" "repurchase +no: there are no orders" "$check talk.csv"
printf 'ts,user\n2026-03-02,ann\nsoon,bob\n' >bad.csv
prints "bad records by kind" "1 time" "$check bad.csv"
exits "which make the status 1" 1 "$check bad.csv"
prints "a file that cannot be read is told among the others" "cannot be read: cannot open: No such file" "$check one.csv none.csv"
exits "with status 1" 1 "$check one.csv none.csv"
prints "--alias: how many ids are known, and who is not" "knows 1 of 2 ids; not '90后" "$check --alias people.csv names.csv"
says "the same with -v, from every program" "knows 1 of 2 ids; not '90后" "churn-list -v --alias people.csv names.csv"
prints "an empty input" "events 0" "$check /dev/null"
chat-cat --check -o json one.csv >check.json
is "JSON is one valid object" "1|object|7|3" "$(sqlite3 :memory: "WITH c(j) AS (SELECT CAST(readfile('check.json') AS TEXT))
	SELECT json_valid(j), json_type(j), json_extract(j, '$.events'), json_extract(j, '$.people') FROM c")"
same "it does not change with the language" "$check -o json talk.csv" "LC_ALL=zh_CN.UTF-8 $check -o json talk.csv"

# --- samples: every one that is read, in every dress -----------------------------------------------

if [ ! -d "$S" ]; then
	skip "samples" "$S is not there"
	finish
	exit
fi

# tables [OPTION]... FILE: what all programs say of it
tables() {
	for line in 'cohort-retention --birth join --return message' 'cohort-retention --by group' \
		'activity-rate --talk --lifecycle' 'activity-rate --total --period week' 'repurchase --by product' \
		'churn-list --class left,newcomer,buyer-silent,benefits-only,never-spoke,silent,cooling' \
		'funnel --steps join,message --by source' 'funnel --steps message,order --unit member'; do
		$line -q -o csv "$@" 2>/dev/null || echo "status $?"
	done
}
# dribble <FILE: the same bytes in pieces of 1 to 257
dribble() { perl -e 'binmode STDIN; local $/; my $s = <STDIN>; srand 5; for (my $i = 0; $i < length $s;) { my $n = 1 + int rand 257; syswrite STDOUT, substr $s, $i, $n; $i += $n }'; }
read_=0
for f in $(find -L "$S" -mindepth 2 -type f | sort) "$S/slack" "$S/qq/qce_chunked_jsonl"; do
	name=${f#"$S"/}
	case $name in # what these have no column for
	*/qunjielong_summary.csv) set -- --set ts=2026-03-20 ;;
	*/weidian_unverified.csv) set -- --set user=x ;;
	*) set -- ;;
	esac
	chat-cat -q --tz Asia/Shanghai "$@" "$f" >canonical.csv 2>/dev/null || continue
	read_=$((read_ + 1))
	export QUN_TZ=Asia/Shanghai
	tables "$@" "$f" >want
	chat-cat -q -o ndjson "$@" "$f" >canonical.json
	for c in canonical.csv canonical.json; do
		tables "$c" >have
		is "$name: $c gives the same tables" "$(cat want)" "$(cat have)"
	done
	says "$name: given twice, every record is a duplicate" '^chat-cat: read ([0-9]+) = used ([0-9]+) . filtered [0-9]+ . duplicate \2 ' \
		"chat-cat -v $* $f $f"
	same "$name: canonical output is canonical" "chat-cat -q canonical.json" "cat canonical.csv"
	if [ -f "$f" ]; then
		base=dress/${name%/*} # some know their group by their folder
		mkdir -p "$base"
		base=dress/$name
		gzip -c "$f" >"$base.gz"
		same "$name: gzip" "cat canonical.csv" "chat-cat -q $* $base.gz"
		zstd -qc "$f" >"$base.zst"
		same "$name: zstd" "cat canonical.csv" "chat-cat -q $* $base.zst"
		from=UTF-8
		iconv -f UTF-8 -t UTF-8 "$f" >/dev/null 2>&1 || from=GB18030
		{ printf '\377\376' && iconv -f $from -t UTF-16LE "$f" | perl -0777 -pe 's/^\xff\xfe//'; } >"$base"
		same "$name: UTF-16" "cat canonical.csv" "chat-cat -q $* $base"
		chat-cat -q "$@" <"$f" >stdin.csv
		dribble <"$f" | chat-cat -q "$@" >pieces.csv
		same "$name: in pieces" "cat stdin.csv" "cat pieces.csv"
		perl -pe 's/\r?\n/\r\n/' "$f" >"$base"
		same "$name: CRLF" "tr -d '\\r' <canonical.csv" "chat-cat -q $* $base | tr -d '\\r'"
		rm -r dress
	fi
	export QUN_TZ=UTC
done
is "samples that are read" yes "$([ $read_ -ge 60 ] && echo yes)"
finish
