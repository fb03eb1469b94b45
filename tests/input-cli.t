#!/bin/sh
# Input as a user meets it: options that name columns, ways to pass files, every kind of bad record
# and what is said of it, limits at n and n + 1, and memory that does not grow with the input.
. tests/lib.sh
cd "$scratch" || exit 99
table="cohort-retention --columns cohort,size,offset,retained"
two='cohort,size,offset,retained
2026-03-02,2,0,2
2026-03-02,2,1,1'
tab=$(printf '\t')

# reads NAME ROWS CMD: the table, nothing lost
reads() {
	sh -c "$3" >"$scratch/.a" 2>"$scratch/.ae"
	is "$1" "$2" "$(cat "$scratch/.a")"
	[ -s "$scratch/.a" ] || show "$scratch/.ae"
}
# fails NAME STATUS PATTERN CMD: no table, and a sentence
fails() {
	sh -c "$4" >"$scratch/.a" 2>"$scratch/.ae"; rc=$?
	if [ $rc -eq "$2" ] && [ ! -s "$scratch/.a" ] && grep -Eq -e "$3" "$scratch/.ae"; then pass "$1"; else
		fail "$1"
		echo "#   exit $rc, not $2, or stderr does not match $3"
		show "$scratch/.a"
		show "$scratch/.ae"
	fi
}

# --- naming columns --------------------------------------------------------------------------------

cat >odd.csv <<'T'
when,room,who,kind,body
2026-03-02 09:00:00,g,ann,message,hi
2026-03-02 10:00:00,g,bob,message,"a, b"
2026-03-09 10:00:00,g,ann,message,hi again
T
tail -n +2 odd.csv >bare.csv
mapped="$table --map ts=when --map user=who"
fails "columns nobody knows" 2 "odd.csv: no column .* 'ts'; the file has: when, room, who, kind, body; .*--map ts=" "$table odd.csv"
fails "one of them" 2 "no column .* 'user'; the file has: .*--map user=" "$table --map ts=when odd.csv"
reads "--map" "$two" "$mapped odd.csv"
reads "--map of all fields" "$two" "$mapped --map group=room --map type=kind --map text=body odd.csv"
fails "--map of a column that is not there" 2 "no column 'whom'; the file has: when, room" "$table --map ts=when --map user=whom odd.csv"
fails "--map of a field that is not there" 2 "no field 'usr'; did you mean 'user'" "$mapped --map usr=who odd.csv"
fails "--map without =" 2 "'user' is not FIELD=COLUMN" "$table --map user odd.csv"
reads "--set" "2,3" "repurchase --map ts=when --map user=who --set type=order --columns buyers,orders odd.csv | tail -n 1"
fails "--set of a field that is not there" 2 "no field 'typ'; did you mean 'type'" "$mapped --set typ=order odd.csv"
reads "--no-header" "$two" "$table --no-header --map ts=1 --map user=3 bare.csv"
fails "--no-header without numbers" 2 "the file has: 1, 2, 3, 4, 5" "$table --no-header bare.csv"
fails "--no-header beyond the last column" 2 "no column '9'" "$table --no-header --map ts=1 --map user=9 bare.csv"
for d in ';' '|' "$tab"; do
	sed "s/, b/; b/; s/,/$d/g" odd.csv >cells.csv
	reads "cells apart by '$d'" "$two" "$mapped cells.csv"
	reads "--delimiter '$d'" "$two" "$mapped --delimiter '$d' cells.csv"
done
reads "--delimiter tab by name" "$two" "$mapped --delimiter tab cells.csv"
fails "--delimiter of another kind" 2 "cannot use 'x'" "$mapped --delimiter x odd.csv"
fails "--delimiter that the file has not" 2 "the file has: when,room,who,kind,body" "$mapped --delimiter ';' odd.csv"
fails "--from of no format" 2 "no format 'yuozan'; did you mean 'youzan'" "$table --from yuozan odd.csv"
printf 'ts,user,city\n2026-03-02,ann,Wien\n' >city.csv
reads "--by any column" "Wien,1" "cohort-retention --by city --columns city,size city.csv | tail -n 1"
fails "--by a column that is not there" 2 "no input has a column 'cty'; did you mean 'city'" "$table --by cty city.csv"
fails "a predicate on one" 2 "no input has a column 'ctiy'; did you mean 'city'" "$table --where ctiy=Wien city.csv"

# A file of a known format, all but one column of it: by the names of the rest 系统消息 would be a person.
printf '%s\n' Time,SenderName,Sender,TalkerName,Talker,Content '2026-03-02 09:00:01,,系统消息,G,1@chatroom,"你邀请""王芳(a1)""加入了群聊"' \
	'2026-03-02 09:01:01,王芳,a1,G,1@chatroom,hi' >known.csv
sed '1s/Content/Text/' known.csv >renamed.csv
fails "a column of a known format renamed" 2 \
	"nearly a file of the format 'chatlog-csv', without its column 'Content'; the file has: Time, .*Text; .*--from chatlog-csv or --from csv" \
	"$table renamed.csv"
reads "whole, it tells who joined" "joins,1" "activity-rate --columns basis,talkers known.csv | tail -n 1"
reads "--from reads it without that column" "seen,1" "activity-rate --from chatlog-csv --columns basis,talkers renamed.csv | tail -n 1"
sed '1s/TalkerName/Room/; 1s/Talker,/Id,/' known.csv >two.csv
reads "two columns fewer are another format" "2" "cohort-retention --columns size two.csv | tail -n 1"

# --- times and characters --------------------------------------------------------------------------

stamps() { printf 'ts,user\n%s,ann\n%s,bob\n' "$1" "$2"; }
day() { # the first cohort of two times, by day
	stamps "$1" "$2" >times.csv
	shift 2
	cohort-retention --period day --columns cohort "$@" times.csv 2>.ae | sed -n 2p
}
stamps '3/4/2026 09:00' '5/4/2026 10:00' >either.csv
fails "dates of which no record tells the order" 2 "'3/4/2026 09:00' may be day/month or month/day.*--date-order" "$table either.csv"
is "--date-order dmy" 2026-04-03 "$(day '3/4/2026 09:00' '5/4/2026 10:00' --date-order dmy)"
is "--date-order mdy" 2026-03-04 "$(day '3/4/2026 09:00' '5/4/2026 10:00' --date-order mdy)"
is "a 15th tells: day first" 2026-04-03 "$(day '3/4/2026 09:00' '15/4/2026 10:00')"
is "a 15th tells: month first" 2026-03-04 "$(day '3/4/2026 09:00' '4/15/2026 10:00')"
stamps '13/4/2026 09:00' '4/15/2026 10:00' >both.csv
fails "both orders in one file" 2 "some times are day/month, others month/day" "$table both.csv"
is "epoch seconds" 2026-03-02 "$(day 1772413201 1772413202)"
is "epoch milliseconds" 2026-03-02 "$(day 1772413201000 1772413202000)"
is "epoch microseconds" 2026-03-02 "$(day 1772413201000000 1772413202000000)"
is "--time-unit ms of small numbers" 1970-01-21 "$(day 1772413201 1772413202 --time-unit ms)"
stamps 1772413201000 1772413202000 >ms.csv
fails "--time-unit s of large ones" 1 "column 'ts': cannot read time '1772413201000'" "$table --time-unit s ms.csv"
printf 'Date,Time,Author,Content\n14/10/2021,3:34 PM,ann,hi\n15/10/2021,9:05:01 AM,bob,x\n16/10/2021,,ann,y\n' >parts.csv
reads "date and time of day in two columns" "2021-10-14T15:34:00+00:00 2021-10-15T09:05:01+00:00 2021-10-16T00:00:00+00:00" \
	"chat-cat -c ts parts.csv | tail -n 3 | tr '\n' ' ' | sed 's/ $//'"
printf 'date,created_at,user\n2026-03-02,2026-03-02 10:00:00,ann\n' >whole.csv
reads "a time that is whole needs no other" "2026-03-02T10:00:00+00:00" "chat-cat -c ts whole.csv | tail -n 1"
is "a time without zone is in --tz" 2026-03-01 "$(day '2026-03-02T01:00:00+08:00' '2026-03-02 01:00:00')"
is "YYYY年M月D日" 2026-03-02 "$(day '2026年3月2日 9:05' '2026年3月12日 19:05')"
printf 'ts,user,text\n2026-03-02 09:00:00,\244\375\252\332,x\n' >big5.csv
reads "--encoding BIG5" "王芳" "churn-list --as-of 2026-05-01 --columns user --encoding BIG5 big5.csv | tail -n 1"
fails "--encoding of no name" 2 "unknown encoding 'nonsense'" "$table --encoding nonsense big5.csv"

# --- ways to pass files ----------------------------------------------------------------------------

printf 'ts,user,type\n2026-03-02 09:00:00,ann,message\n2026-03-02 10:00:00,bob,message\n' >first.csv
printf 'ts,user,type\n2026-03-09 10:00:00,ann,message\n' >second.csv
printf 'type,user,ts\nmessage,ann,2026-03-09 10:00:00\n' >turned.csv
printf '{"ts":"2026-03-09T10:00:00Z","user":"ann"}\n' >second.ndjson
printf '{"title":"x","messages":[\n{"ts":"2026-03-09T10:00:00Z","user":"ann"}]}' >second.json
reads "two files" "$two" "$table first.csv second.csv"
reads "the same columns in another order" "$two" "$table first.csv turned.csv"
reads "CSV and NDJSON" "$two" "$table second.ndjson first.csv"
reads "CSV and a JSON document" "$two" "$table first.csv second.json"
reads "a file and standard input" "$two" "$table first.csv - <second.csv"
reads "concatenated CSV: the header comes again" "$two" "cat first.csv second.csv | $table"
fails "concatenated CSV: another header is no record" 1 "2 of 4 records are bad" "cat first.csv turned.csv | $table"
gzip -c second.ndjson >second.gz
zstd -qc first.csv >first.zst
reads "packed files" "$two" "$table first.zst second.gz"
head -c 20 second.gz >cut.gz
fails "a packed file that is cut off" 1 "cut.gz: the packed data is cut off" "$table cut.gz"
mkdir folder folder/sub nothing
cp first.csv folder/a.csv
cp second.ndjson folder/sub/b.ndjson
printf 'x' >folder/.hidden.csv
reads "a folder" "$two" "$table folder"
fails "a folder without exports" 1 "nothing: the folder holds no export" "$table nothing"
mkfifo pipe
reads "a FIFO" "$two" "cat first.csv second.csv >pipe & $table pipe"
fails "no such file" 1 "none.csv: cannot open" "$table first.csv none.csv"
printf 'ts,user,type,order_id,amount\n2026-03-04 09:00:00,ann,order,o1,10\n' >orders.csv
reads "chat and orders" "2 1" \
	"funnel --steps message,order --columns reached first.csv second.json orders.csv | tail -n +2 | tr '\n' ' ' | sed 's/ $//'"
printf '微信账单\n导出时间：[2026-03-30 10:00:00]\n\n----明细, 共3笔----,,,\n交易时间,交易对方,金额(元),当前状态,交易单号\n2026-03-03 08:00:00,王芳,¥39.90,支付成功,"1000\t"\n2026-03-13 08:00:00,王芳,"¥1,039.90",支付成功,"1001\t"\n2026-03-14 08:00:00,李雷,¥9.90,已全额退款,"1002\t"\n' >bill.csv
reads "a bill below its preamble" "1,2,1079.80" "repurchase --columns buyers,orders,net bill.csv | tail -n 1"

printf 'PK\003\004\024\000\000\000xl/workbook.xml' >sheet.xlsx
printf 'PK\003\004\024\000\000\000channels.json' >chat.zip
printf '<!DOCTYPE HTML>\n<html><body>chat</body></html>\n' >chat.html
fails "a workbook" 1 "sheet.xlsx: this is an Excel workbook .xlsx.; save the sheet as CSV" "$table sheet.xlsx"
fails "a zip archive" 1 "chat.zip: this is a zip archive; unpack it" "$table chat.zip"
fails "a web page" 1 "chat.html: this is a web page" "$table chat.html"
printf '# made by hand\n{"ts":"2026-03-09T10:00:00Z","user":"ann"}\n' >remark.ndjson
reads "a comment before the first JSON line" "1" "cohort-retention --columns size remark.ndjson | tail -n 1"

# --- bad records -----------------------------------------------------------------------------------

{
	echo 'ts,user,type,amount,order_id'
	echo '2026-03-02 09:00:00,ann,order,1,a'
	echo 'abc,ann,order,1,b'
	echo '2026-02-30 09:00:00,ann,order,1,c'
	echo '1969-12-31 09:00:00,ann,order,1,d'
	echo '2026-03-02 09:00:00,ann'
	echo '2026-03-02 09:00:00,ann,order,1,e,more'
	echo '2026-03-02 09:00:00,ann,order,ten,f'
	printf '2026-03-02 09:00:00,a\000nn,order,1,g\n'
	printf '2026-03-02 09:00:00,a\377nn,order,1,h\n'
	echo '2026-03-02 09:00:00,a"nn,order,1,i'
	echo '2026-03-02 09:00:00,"a"nn,order,1,j'
	echo '2026-03-02 09:00:00,,order,1,k'
	echo '2026-03-09 09:00:00,ann,order,1,l'
} >bad.csv
fails "bad records: how many, of what kinds" 1 "10 of 13 records are bad \(time 3, columns 2, number 1, nul 1, encoding 1, quote 2\)" "$table bad.csv"
for say in "bad.csv:3: column 'ts': cannot read time 'abc' \(expected e.g. 2024-04-09 11:54:00\)" \
	"bad.csv:4: column 'ts': cannot read time '2026-02-30 09:00:00'" "bad.csv:5: column 'ts': .*1969" \
	"bad.csv:6: 2 cells where the header has 5" "bad.csv:7: 6 cells where the header has 5" \
	"--skip-bad goes on.*--rejects FILE.*--map.*--encoding"; do
	says "bad records: $say" "$say" "$table bad.csv"
done
is "bad records: five are shown" 5 "$($table bad.csv 2>&1 | grep -c '^  bad.csv:')"
says "bad records: all are accounted for" "read 13 = used 2 \+ filtered 1 \+ duplicate 0 \+ bad 10;" "$table -v bad.csv"
one='cohort,size,offset,retained
2026-03-02,1,0,1
2026-03-02,1,1,1'
reads "--skip-bad" "$one" "$table --skip-bad bad.csv"
says "--skip-bad says so" "skipped 10 bad of 13 records \(time 3," "$table --skip-bad bad.csv"
says "--skip-bad: nobody's records are said" "1 records without a user" "$table --skip-bad bad.csv"
says "--skip-bad: all are accounted for" "read 13 = used 2 \+ filtered 1 \+ duplicate 0 \+ bad 10;" "$table -v --skip-bad bad.csv"
for n in 10 77% 100%; do exits "--skip-bad=$n: not too many" 0 "$table --skip-bad=$n bad.csv"; done
for n in 9 76% 0; do fails "--skip-bad=$n: too many" 1 "10 of 13 records are bad" "$table --skip-bad=$n bad.csv"; done
fails "--skip-bad of no number" 2 "--skip-bad: cannot use 'x'" "$table --skip-bad=x bad.csv"
exits "--skip-bad --rejects" 0 "$table --skip-bad --rejects rejects.csv bad.csv"
is "--rejects: header" "file,line,offset,column,kind,raw" "$(head -n 1 rejects.csv)"
is "--rejects: a record as it was" "\"bad.csv\",3,63,ts,time,\"abc,ann,order,1,b\"" "$(sed -n 2p rejects.csv)"
is "--rejects: quotes are doubled" 1 "$(grep -c '^"bad.csv",11,[0-9]*,,quote,"2026-03-02 09:00:00,a""nn,order,1,i' rejects.csv)"
is "--rejects: the bytes at that offset" "abc" "$(tail -c +64 bad.csv | head -c 3)"
is "--rejects: every bad record" 10 "$(grep -c '^"bad.csv",' rejects.csv)"
exits "--rejects without --skip-bad keeps them and fails" 1 "$table --rejects again.csv bad.csv"
same "--rejects: the same then" "cat rejects.csv" "cat again.csv"
exits "--rejects to a full disk" 1 "$table --skip-bad --rejects /dev/full bad.csv"

cat >bad.ndjson <<'T'
{"ts":"2026-03-02T09:00:00Z","user":"ann"}
{"ts":"2026-03-02T09:00:00Z","user":"a\u0000b"}
{"ts":"2026-03-02T09:00:00Z","user":"\ud800"}
{"ts":"2026-03-02T09:00:00Z","user":nope}
{"ts":"2026-03-02T09:00:00Z","user":"b",}
{"ts":"2026-03-02T09:00:00Z","ts":"2026-03-03T09:00:00Z","user":"twice"}
{"ts":"soon","user":"ann"}
{"user":"ann"}
{"ts":"2026-03-09T09:00:00Z","user":"ann"}
T
printf '{"ts":"2026-03-02T09:00:00Z","user":"x\377"}\n' >>bad.ndjson
reads "bad JSON: the others are read" "$one" "$table --skip-bad bad.ndjson"
says "bad JSON: kinds" "8 of 10 records are bad \(nul 1, json 4, time 2, encoding 1\)" "$table bad.ndjson"
says "bad JSON: line and place" "bad.ndjson:4: invalid JSON at byte 40" "$table bad.ndjson"
says "bad JSON: all are accounted for" "read 10 = used 2 \+ filtered 0 \+ duplicate 0 \+ bad 8;" "$table -v bad.ndjson"
printf 'ts,us\000er\n' >head.csv
fails "a NUL in the header" 1 "line 1: a NUL byte in the header" "$table head.csv"

# What is left open names where it was opened, not where the file ends.
opened() { # NAME PATTERN TEXT
	printf "$3" >open
	fails "left open: $1" 1 "open:$2 is never closed" "$table open"
}
opened "a quote" "3: the quote opened at byte 21 of the line" \
	'ts,user\n2026-03-02 09:00:00,bob\n2026-03-02 09:00:00,"ann\n2026-03-09 09:00:00,ann\n'
opened "an object" "2: the object opened at byte 2 of the line" \
	'[{"ts":"2026-03-02T09:00:00Z","user":"ann"},\n {"ts":"2026-03-02T09:00:00Z"'
opened "an array" "2: the array opened at byte 1 of the line" \
	'\n[{"ts":"2026-03-02T09:00:00Z","user":"ann"}\n\n'
opened "a string" "3: the string opened at byte 37 of the line" \
	'{"messages":[\n{"ts":"2026-03-02T09:00:00Z","user":"ann"},\n{"ts":"2026-03-02T09:00:00Z","user":"b'

# --- limits ----------------------------------------------------------------------------------------

letters() { head -c "$1" /dev/zero | tr '\0' x; }
csv_field() { printf 'ts,user,text\n2026-03-02 09:00:00,ann,'; letters "$1"; echo; }
json_field() { printf '{"ts":"2026-03-02T09:00:00Z","user":"ann","text":"'; letters "$1"; echo '"}'; }
deep() { awk -v n="$1" 'BEGIN { printf "{\"ts\":\"2026-03-02T09:00:00Z\",\"user\":\"ann\",\"x\":"
	for (i = 1; i < n; i++) printf "["; for (i = 1; i < n; i++) printf "]"; print "}" }'; }
wide() { awk -v n="$1" 'BEGIN { printf "ts,user"; for (i = 3; i <= n; i++) printf ",c%d", i
	printf "\n2026-03-02,ann"; for (i = 3; i <= n; i++) printf ","; print "" }'; }
limit() { # NAME GENERATOR N PATTERN
	$2 "$3" >at
	$2 $(($3 + 1)) >over
	reads "$1 at the limit" 1 "activity-rate --columns messages at | tail -n 1"
	fails "$1 beyond the limit" 1 "$4" "activity-rate over"
}
limit "a CSV field of 1 MiB" csv_field 1048576 "over:2: a field longer than the limit of 1048576 bytes"
limit "a JSON string of 1 MiB" json_field 1048576 "over:1: .*a string longer than the limit of 1048576 bytes"
limit "JSON 128 deep" deep 128 "over:1: .*nested deeper than the limit"
limit "4096 columns" wide 4096 "more columns than the limit"
deep 1000000 >abyss
fails "JSON a million deep" 1 "nested deeper than the limit" "activity-rate abyss"

# --- memory ----------------------------------------------------------------------------------------

# Peak of a program that reads 100 MB of the talk of 20 000 people from a pipe: taken when all has been
# written and all but the pipe's last buffer been read.
mib=100 people=20000 bound=32768
case $QUN_BUILD in */release) ;; *) mib=5 people=1000 bound=0 ;; esac # sanitizers have memory of their own
talk() { # csv|json
	awk -v form="$1" -v bytes=$((mib * 1000000)) -v people=$people 'BEGIN {
		seed = 1
		if (form == "csv")
			print "ts,group,user,type,text"
		for (n = 0; n < bytes; t += 15) {
			seed = (seed * 16807) % 2147483647
			u = seed % people
			if (form == "csv")
				s = sprintf("%d,g%d,u%d,message,\"line %d, 你好, of the talk of a group, as long as such lines are\"", 1767225600 + t, u % 50, u, t)
			else
				s = sprintf("{\"ts\":%d,\"group\":\"g%d\",\"user\":\"u%d\",\"text\":\"line %d, 你好, as long as such lines are\"}", 1767225600 + t, u % 50, u, t)
			print s
			n += length(s) + 1
		}
	}'
}
for form in csv json; do
	start=$(date +%s)
	cohort-retention -j 2 <pipe >out 2>err &
	pid=$!
	{ talk $form; cat "/proc/$pid/status" >status; } >pipe
	wait $pid
	rc=$?
	peak=$(awk '$1 == "VmHWM:" { print $2 }' status)
	echo "# $mib MB of $form: $(($(date +%s) - start)) s, peak $peak KiB"
	is "$mib MB of $form are read" "0 $people" "$rc $(awk -F, 'NR > 1 && $3 == "0" { n += $2 } END { print n + 0 }' out)"
	if [ $bound -gt 0 ]; then
		is "$mib MB of $form in at most $bound KiB" yes "$([ "${peak:-999999}" -le $bound ] && echo yes || echo "$peak")"
	fi
done
# The chat is named behind its messages, which wait for it, but not all of a large file.
telegram() { # MESSAGES
	awk -v n="$1" 'BEGIN {
		print "{\"messages\":["
		for (i = 1; i <= n; i++)
			printf "{\"id\":%d,\"type\":\"message\",\"date\":\"2026-01-05T01:01:18\",\"date_unixtime\":\"%d\",\"from\":\"U\",\"from_id\":\"user%d\",\"text\":\"\"}%s\n", \
				i, 1767225600 + i, i % 90, i < n ? "," : ""
		print "],\"name\":\"n\",\"type\":\"private_supergroup\",\"id\":77}"
	}'
}
telegram 9000 >late.json
is "a chat named behind its messages" 77 "$(cohort-retention --by group -c group late.json | sed -n 2p)"
telegram 600000 >late.json
is "too far behind them: all are in one group" "- 90" \
	"$(cohort-retention --period year --by group -c group,size late.json 2>err | sed 1d | tr , ' ')"
says "which is said" "600000 events are in group '-', .*--set group=NAME" "cat err >&2"
if [ $bound -gt 0 ]; then
	cohort-retention -q -j 2 <pipe >out &
	{ cat late.json; cat "/proc/$!/status" >status; } >pipe
	wait
	peak=$(awk '$1 == "VmHWM:" { print $2 }' status)
	is "in less than 64 MiB" yes "$([ "${peak:-65536}" -lt 65536 ] && echo yes || echo "$peak")"
fi
finish
