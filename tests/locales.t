#!/bin/sh
# Same in, same out: bytes of tables depend neither on the locale nor on the zone of the machine, exit
# statuses on neither, and what people read on the language alone.
. tests/lib.sh

# Real locales, one of them with a comma in numbers, where the system can make them.
locales="C en_US.UTF-8 zh_CN.UTF-8 de_DE.UTF-8"
export LOCPATH="$scratch/locales"
mkdir "$LOCPATH"
for locale in $locales; do
	[ "$locale" = C ] || localedef -i "${locale%.*}" -f UTF-8 "$LOCPATH/$locale" 2>/dev/null
done
if [ -e "$LOCPATH/de_DE.UTF-8" ]; then
	is "the locales are real" "3,50" "$(LC_ALL=de_DE.UTF-8 env printf '%.2f' 3,5)"
else
	skip "the locales are real" "localedef makes none here"
fi
zones="UTC Asia/Shanghai"

awk -v seed=9 -v events=250 -v users=20 -v groups=2 -v floods=4 -v orders=20 -f tests/random.awk >"$scratch/log.csv"
sed '50s/^[^,]*/soon/' "$scratch/log.csv" >"$scratch/bad.csv"
sed 's/\([0-9]\)T\([0-9:]*\)Z/\1 \2/;s/\.[0-9]* *,/,/' "$scratch/log.csv" >"$scratch/local.csv"
first=$(sed '1d;/^20/!d;s/T.*//' "$scratch/log.csv" | sort | head -n 1)

# under LOCALE ZONE COMMAND: what it prints, says, and how it ends
under() {
	TZ=$2 LC_ALL=$1 LANG=$1 sh -c "$3" >"$scratch/out" 2>"$scratch/err"
	echo "status $?" >"$scratch/status"
}

# A command in every locale and zone. There is one status. Of kind machine there is one stdout, else one
# a language; and one stderr a language, German being one because of the system's own messages.
everywhere() { # NAME COMMAND KIND
	for locale in $locales; do
		for zone in $zones; do
			under "$locale" "$zone" "$2"
			case $locale in zh* | de*) language=${locale%%_*} ;; *) language=en ;; esac
			[ "$locale" != C ] || cp "$scratch/out" "$scratch/english"
			[ "$language" != zh ] || cp "$scratch/out" "$scratch/chinese"
			echo "$language err $(cksum <"$scratch/err")"
			[ "$3" = machine ] || [ "$language" = de ] || echo "$language out $(cksum <"$scratch/out")"
			[ "$3" != machine ] || echo "all out $(cksum <"$scratch/out")"
			cat "$scratch/status"
		done
	done | sort -u >"$scratch/seen"
	case $3 in
	machine) want="all out de err en err zh err status" ;;
	people) want="de err en err en out zh err zh out status" ;;
	esac
	is "$1" "$(echo "$want" | tr ' ' '\n' | sort)" "$(sed 's/ [0-9]* [0-9]*$//;s/^status .*/status/' "$scratch/seen" | tr ' ' '\n' | sort)"
	[ "$3" = machine ] || is "$1: has its Chinese" no "$(cmp -s "$scratch/english" "$scratch/chinese" && echo the same || echo no)"
}

tools | while read -r tool; do
	case $tool in
	funnel) echo 'funnel --steps join,message,order' ;;
	*) echo "$tool" ;;
	esac
done >"$scratch/tools"
while read -r t; do
	tool=${t%% *}
	formats="csv tsv json ndjson"
	[ "$tool" != chat-cat ] || formats="csv ndjson chatlab"
	z="--tz Europe/London"
	for format in $formats; do
		everywhere "$t -o $format" "$t $z -o $format $scratch/log.csv" machine
	done
	everywhere "$t: times without zone are in --tz" "$t $z $scratch/local.csv" machine
	everywhere "$t: so are days of options" "$t $z --as-of $(sqlite3 :memory: "SELECT date('$first', '60 days')") $scratch/log.csv" machine
	everywhere "$t -v" "$t $z -v $scratch/log.csv" machine
	everywhere "$t: a bad record" "$t $z $scratch/bad.csv" machine
	everywhere "$t: a wrong word" "$t --perid day $scratch/log.csv" machine
	everywhere "$t: no such file" "$t $z $scratch/none.csv" machine
	everywhere "$t --help" "$t --help" people
	if [ "$tool" != chat-cat ]; then
		for format in table markdown; do
			everywhere "$t -o $format" "$t $z -o $format $scratch/log.csv" people
		done
		everywhere "$t --excel --stamp" "$t $z --excel --stamp --confidence 0.9 $scratch/log.csv" machine
		everywhere "$t --define" "$t $z --define" people
		column=$($t -o csv "$scratch/log.csv" 2>/dev/null | head -n 1 | tr , '\n' | grep -E '^(rate|rate_first|repeat_rate|silent_days)$' | tail -n 1)
		everywhere "$t: an alert" "$t $z --alert '$column>=0.5' --alert-partial --sort $column $scratch/log.csv" machine
	fi
done <"$scratch/tools"
# Without --tz days are those of the machine, which is what TZ is for.
is "the machine's zone is the default, whatever the locale" 1 "$(for locale in $locales; do
	under "$locale" Asia/Shanghai "QUN_TZ= activity-rate -o csv $scratch/log.csv"
	cksum <"$scratch/out"
	under "$locale" UTC "activity-rate --tz Asia/Shanghai -o csv $scratch/log.csv"
	cksum <"$scratch/out"
done | sort -u | wc -l)"
finish
