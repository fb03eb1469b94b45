#!/bin/sh
# Instructions of one record, counted by callgrind, against the table tests/bench/bounds. They do not
# depend on how busy the machine is. A faster program lowers its bound, a slower one has to raise it,
# in the same commit: make bench-bounds.
. tests/lib.sh
bounds=tests/bench/bounds

# What the counts depend on beside the programs: compiler, processor, libc.
key="$(${CC:-cc} -dumpversion) $(uname -m) $(grep -qw avx2 /proc/cpuinfo && echo avx2) $(getconf GNU_LIBC_VERSION)"

instructions() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null | sed -n 's/.*refs: *//p' | tr -d ,
}

# The program as it is counted, without its file.
command_of() { # PROGRAM READER
	case $1 in
	cohort-retention) options='-o csv' ;;
	activity-rate) options='-o csv' ;;
	repurchase) options='-o csv --period month' ;;
	churn-list) options='-o csv' ;;
	funnel) options='-o csv --steps join,message,share,redpacket,order' ;;
	*) options= ;;
	esac
	echo "$1 $options -j 1 --reader $2"
}

# Of a record: what the further ones of the larger file take. Of start: the whole run on a header.
count() { # PROGRAM INPUT READER
	words=$(command_of "$1" "$3")
	if [ "$2" = start ]; then
		# shellcheck disable=SC2086
		instructions $words "$scratch/start.csv"
		return
	fi
	# What is slow is counted on fewer records, so that the whole takes seconds.
	case $3-$2 in
	auto-csv | auto-ndjson | auto-telegram) set -- "$2" $many ;;
	*) set -- "$2" $few ;;
	esac
	# shellcheck disable=SC2086
	a=$(instructions $words "$scratch/$2.$1")
	# shellcheck disable=SC2086
	b=$(instructions $words "$scratch/$2+.$1")
	[ -n "$a" ] && [ -n "$b" ] && echo $(((b - a) / ($(rows "$2+") - $(rows "$2"))))
}

# Two logs each, whose difference is counted: of more records than are looked at before the format is
# known; and of more bytes than are read for that.
few=1200
many=10000
rows() { cat "$scratch/$1.rows"; }
log() { # NAME ROWS
	"$QUN_BUILD/bench/gen" --rows "$2" --days 60 --csv "$scratch/$1.csv" --ndjson "$scratch/$1.ndjson" \
		--telegram "$scratch/$1.telegram" | sed 's/ .*//' >"$scratch/$1.rows"
}

if [ "${QUN_BUILD##*/}" != release ]; then
	skip 'instructions of a record' 'not the release build'
elif ! command -v valgrind >/dev/null; then
	skip 'instructions of a record' 'valgrind is not installed'
elif [ "${BENCH_BOUNDS:-}" != write ] && ! grep -qx "# $key" $bounds; then
	skip 'instructions of a record' "the bounds are of another compiler or processor: this one is $key"
else
	log $few $few
	log $few+ $((few + 1000))
	log $many $many
	log $many+ $((many + 4000))
	head -n 1 "$scratch/$few.csv" >"$scratch/start.csv"
	sed -n '/^#/!p' $bounds >"$scratch/cases"
	while read -r program input reader bound; do
		name="$program $input $reader"
		n=$(count "$program" "$input" "$reader")
		echo "$program $input $reader $((${n:-0} + ${n:-0} / 20))" >>"$scratch/bounds"
		if [ -z "$n" ]; then
			fail "$name: could not be counted"
		elif [ "${BENCH_BOUNDS:-}" = write ]; then
			pass "$name: $n instructions, the bound was $bound"
		elif [ "$n" -le "$bound" ]; then
			pass "$name: $n instructions, at most $bound"
			[ "$n" -ge $((bound * 4 / 5)) ] || echo "# far below its bound: make bench-bounds"
		else
			fail "$name: $n instructions, at most $bound"
		fi
	done <"$scratch/cases"
	if [ "${BENCH_BOUNDS:-}" = write ] && [ $tests_failed -eq 0 ]; then
		{
			sed -n '/^# [^0-9]/p' $bounds
			echo "# $key"
			cat "$scratch/bounds"
		} >"$scratch/new" && cp "$scratch/new" $bounds
	fi
fi
finish
