#!/bin/sh
# What every program owes the shell, whatever it measures. Programs are found, never listed.
. tests/lib.sh

cat >"$scratch/chat.csv" <<'X'
ts,group,user,name,type,text,amount,order_id,product,ref,source
2026-03-02 09:00:00,g1,ann,Ann,join,,,,,bob,invite
2026-03-02 10:00:00,g1,bob,Bob,message,hello,,,,,
2026-03-02 11:00:00,g1,ann,Ann,message,"hi, there",,,,,
2026-03-09 09:00:00,g1,ann,Ann,order,,12.50,o1,apple,,
2026-03-10 09:00:00,g1,cai,菜菜🍓,message,"two
lines",,,,,
2026-03-18 09:00:00,g1,ann,Ann,order,,7.00,o2,pear,,
X
head -n 1 "$scratch/chat.csv" >"$scratch/empty.csv"
: >"$scratch/nothing"
c=$scratch/chat.csv

for tool in $(tools); do
	# A program may need words before it can run: its manual's first example says which.
	args=$(sed -n "s/^\.Dl \$ $tool \(--steps [^ ]*\).*/\1/p" "man/$tool.1" 2>/dev/null | head -n 1)
	t="$tool $args"
	exits "$tool: a table" 0 "$t $c"
	same "$tool: stdin, - and a file agree" "$t <$c" "$t $c"
	same "$tool: a pipe and a file agree" "cat $c | $t -" "$t $c"
	exits "$tool: --help" 0 "$tool --help"
	prints "$tool: --help shows examples" "^  $tool " "$tool --help"
	exits "$tool: --version" 0 "$tool --version"
	exits "$tool: unknown option" 2 "$t --no-such-option $c"
	says "$tool: a near miss gets the nearest word" "did you mean '--group'" "$t --grop x $c"
	exits "$tool: an abbreviated option is no option" 2 "$t --grou x $c"
	exits "$tool: a missing value" 2 "$t $c --tz"
	exits "$tool: a zone that does not exist" 2 "$t --tz Asia/Shangai $c"
	exits "$tool: no such file" 1 "$t $scratch/none.csv"
	exits "$tool: full disk" 1 "$t $c >/dev/full"
	says "$tool: full disk says so" "No space left" "$t $c >/dev/full"
	exits "$tool: --help on a full disk" 1 "$tool --help >/dev/full"
	exits "$tool: closed stdout" 1 "$t $c >&-"
	exits "$tool: closed stdin" 1 "$t <&-"
	exits "$tool: closed stderr with nothing to say" 0 "$t -q $c 2>&-"
	exits "$tool: full stderr" 2 "$t --no-such-option 2>/dev/full"
	exits "$tool: header only" 0 "$t $scratch/empty.csv"
	rows=$($t "$scratch/empty.csv" 2>/dev/null | tail -n +2 | wc -l)
	exits "$tool: --require-rows fails on no rows alone" $((rows == 0)) "$t --require-rows $scratch/empty.csv"
	exits "$tool: empty input" 0 "$t $scratch/nothing"
	sh -c "$t -q $c 2>$scratch/err" | head -n 0
	is "$tool: broken pipe is quiet" "" "$(cat "$scratch/err")"
	sh -c "trap '' PIPE; $t $c 2>$scratch/err; echo \$? >$scratch/rc" | true
	is "$tool: broken pipe with SIGPIPE ignored never succeeds falsely" yes \
		"$(case $(cat "$scratch/rc") in 0 | 1) echo yes ;; *) cat "$scratch/rc" ;; esac)"
	for o in csv tsv json ndjson markdown table; do
		exits "$tool: -o $o" 0 "$t -o $o $c"
	done
	exits "$tool: an output format that does not exist" 2 "$t -o cvs $c"
	says "$tool: and its nearest word" "did you mean 'csv'" "$t -o cvs $c"
	exits "$tool: unknown column" 2 "$t --columns nosuch $c"
	exits "$tool: unknown sort column" 2 "$t --sort nosuch $c"
	exits "$tool: unknown alert column" 2 "$t --alert 'nosuch<1' $c"
	exits "$tool: unknown field in a predicate" 2 "$t --where 'txet~x' $c"
	same "$tool: same bytes with another locale" "$t $c" "LC_ALL=zh_CN.UTF-8 LANGUAGE=zh_CN $t $c"
	same "$tool: same bytes whatever the machine's zone" "$t --tz Asia/Shanghai $c" "TZ=America/New_York $t --tz Asia/Shanghai $c"
	printf 'x,y\n1,2\n' >"$scratch/odd.csv"
	exits "$tool: no ts and user columns" 2 "$t $scratch/odd.csv"
	says "$tool: and the columns found" "x.*y.*--map|--map.*x.*y" "$t $scratch/odd.csv"
	sed 's/2026-03-10 09:00:00/yesterday-ish/' "$c" >"$scratch/bad.csv"
	exits "$tool: a bad record" 1 "$t $scratch/bad.csv"
	is "$tool: prints no table then" "" "$($t "$scratch/bad.csv" 2>/dev/null)"
	says "$tool: names file, line, column and cure" "bad.csv:6: column 'ts': cannot read time 'yesterday-ish'" "$t $scratch/bad.csv"
	exits "$tool: --skip-bad goes on" 0 "$t --skip-bad $scratch/bad.csv"
	exits "$tool: --skip-bad=0 does not" 1 "$t --skip-bad=0 $scratch/bad.csv"
	exits "$tool: --rejects keeps it" 0 "$t --skip-bad --rejects $scratch/rej.csv $scratch/bad.csv && grep -q yesterday-ish $scratch/rej.csv"
	exits "$tool: an empty folder" 1 "mkdir -p $scratch/dir && $t $scratch/dir"
	exits "$tool: settings from a folder's file are checked" 2 "cd $scratch && printf 'outptu csv\n' >quntools.conf && $t $c; rc=\$?; rm -f quntools.conf; exit \$rc"
done
finish
