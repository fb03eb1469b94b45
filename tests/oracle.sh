# Random logs measured twice: by a program, and on sqlite3 by the script that its --define prints. All
# logs and all cases of a test file go through one sqlite3 process.
#
#   oracle_open PROGRAM         begins
#   oracle_log SEED [-v VAR=N]...  makes the log that the next cases use (variables of random.awk),
#                               member lists for roster=1 and roster=dated, days for event_days=1,
#                               cuts for cuts=1
#   oracle_take N               the same for records that the caller has put into $oracle_log, and a list of
#                               members into $oracle_dir/roster.N.csv
#   oracle_case NAME=VALUE...   one set of options; since=@20 is the 20th day of the log; step=, the
#                               only one, may be given several times
#   oracle_rounds CASES LOGS N MAKE  calls MAKE SEED for each log (ORACLE_SEEDS of them, else LOGS) and
#                               gives it the next N lines of the file CASES, in turn
#   oracle_refusals=yes         a case that the program refuses is none
#   oracle_close [ROWS]         runs the SQL; one TAP line a log; there must be ROWS rows a case (10)

oracle_open() {
	oracle_program=$1
	oracle_dir=$scratch/oracle
	oracle_n=0
	oracle_logs=
	oracle_bad=
	mkdir -p "$oracle_dir"
	# A name that is none must not pass as a text.
	printf '.bail on\n.dbconfig dqs_dml off\nPRAGMA journal_mode = OFF;\nPRAGMA temp_store = MEMORY;\n' >"$oracle_dir/all.sql"
}

oracle_log() {
	oracle_log=$oracle_dir/log.$1.csv
	oracle_random=$1
	shift
	awk -v seed="$oracle_random" "$@" -f tests/random.awk >"$oracle_log"
	oracle_take "$oracle_random"
	oracle_list <"$oracle_log" >"$oracle_roster.csv"
	oracle_lists
}

oracle_take() {
	oracle_seed=$1
	oracle_first=$(sed '1d;/^[12][09]/!d;s/T.*//' "$oracle_log" | sort | head -n 1)
	oracle_logs="$oracle_logs $oracle_seed"
	oracle_roster=$oracle_dir/roster.$oracle_seed
	oracle_events=$oracle_dir/events.$oracle_seed.csv
	oracle_days "$oracle_seed" >"$oracle_events"
	oracle_cuts=$oracle_dir/cuts.$oracle_seed.csv
	oracle_scores "$oracle_seed" >"$oracle_cuts"
	printf 'DROP TABLE IF EXISTS raw;\n.import --csv %s raw\n' "$oracle_log" >>"$oracle_dir/all.sql"
}

# A member list for the log's group g1, or - without it: people who never left it but for every
# fourth, and silent ones.
oracle_list() {
	echo 'group,user,name,joined,left,role'
	awk -F, -v first="$oracle_first" -v left="$(oracle_date @50)" '
	$2 == "g1" { named = 1 }
	($2 == "g1" || $2 == "-" || $2 == "") && $3 ~ /^u[0-9]+$/ {
		seen[$2 == "g1", $3] = 1
		if (/,(leave|quit|part|kick),/)
			gone[$2 == "g1", $3] = 1
	}
	END {
		g = named ? "g1," : "-,"
		for (i = 1; i <= 99; i++)
			if ((named + 0, "u" i) in seen && !((named + 0, "u" i) in gone) && i % 4)
				print g "u" i ",,,,"
		print g "s1,Silent,,,"
		print g "s2,\"Silent, too\"," first "T16:00:00Z,,"
		print g "s3,,,,owner"
		print g "s4,," first "T00:00:00Z," left "T05:00:00Z,member"
	}'
}

# Two lists of days, of anybody whether he left or not: every third is not on the first, every fifth not
# on the second; some lines say when he joined or left, even later than the list.
oracle_lists() {
	for oracle_at in 20 60; do
		{
			sed 1q "$oracle_roster.csv"
			awk -F, -v nth=$((oracle_at == 20 ? 3 : 5)) -v early="$(oracle_date @$((oracle_at - 9)))" \
				-v late="$(oracle_date @$((oracle_at + 9)))" '
			$2 == "g1" || $2 == "群二" || $2 == "-" { if ($3 ~ /^u[0-9]+$/) seen[$2 "," $3] = substr($3, 2) }
			END {
				seen["g1,s1"] = 4; seen["群二,s2"] = 7; seen["silent,s3"] = 1; seen["silent,s4"] = 8
				for (who in seen) {
					n = seen[who]
					if (n % nth)
						print who ",,", n % 4 == 1 ? early "T0" n % 10 ":00:00Z" : n % 7 == 3 ? late "T00:00:00Z" : "", \
							n % 6 == 4 ? early "T16:00:00Z" : n % 11 == 2 ? late "T04:00:00Z" : "", n == 8 ? "vip" : ""
				}
			}' OFS=, "$oracle_log" | sort
		} >"$oracle_roster.$oracle_at.csv"
	done
}

# Some days of the log with labels, for event_days=1.
oracle_days() {
	sqlite3 -csv -header :memory: "WITH RECURSIVE i(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM i WHERE i < 11)
		SELECT date('$oracle_first', (($1 * 31 + i * i * 7) % 95 - 2) || ' days') AS date,
			CASE WHEN i % 3 = 1 THEN 'sale' WHEN i = 5 THEN 'live, 直播' ELSE 'auction' END AS label FROM i"
}

# Cuts of scores for cuts=1: of some columns, in turn.
oracle_scores() {
	case $(($1 % 3)) in
	0) printf 'score,recency_days,frequency,monetary\n2,60,2,100\n3,30,4,300.5\n4,7,4,1000\n' ;;
	1) printf 'monetary,score\n50,2\n' ;;
	2) printf 'score,frequency,recency_days\n2,1,40\n3,3,40\n4,5,10\n5,6,0\n6,9,0\n' ;;
	esac
}

# @20 -> the date of that day of the log
oracle_date() {
	sqlite3 :memory: "SELECT date('$oracle_first', '$(printf '%+d' "${1#@}") days')"
}

# Options of one case, a line each.
oracle_flags() {
	for word; do
		name=$(echo "${word%%=*}" | tr _ -)
		value=${word#*=}
		case $value in
		@*:*) value=$(oracle_date "${value%%:*}"):${value#*:} ;;
		@*) value=$(oracle_date "$value") ;;
		\~*) value="$(oracle_date "@${value#?}") 12:34:56.5" ;;
		esac
		case $word in
		roster=1) echo "--roster=$oracle_roster.csv" ;;
		roster=dated)
			for oracle_at in 20 60; do
				echo "--roster=$(oracle_date "@$oracle_at")=$oracle_roster.$oracle_at.csv"
			done ;;
		roster=all)
			echo "--roster=$(oracle_date @20)T05:00:00Z=$oracle_roster.20.csv"
			echo "--roster=$oracle_roster.60.csv" ;;
		event_days=1) echo "--event-days=$oracle_events" ;;
		cuts=1) echo "--cuts=$oracle_cuts" ;;
		include_staff=1 | zero_ok=1 | total=1 | talk=1 | rolling=1 | lifecycle=1 | histogram=1 | summary=1 | no_flood=1 | \
			winback=1 | cleanup=1 | bounds=1 | survival=1 | lost=1 | wide=1 | mature=1 | levels=1 | ladder=1 | gaps=1 | rfm=1 | \
			clv=1 | params=1) echo "--$name" ;;
		*) echo "--$name=$value" ;;
		esac
	done
}

oracle_whole() { "$@" "$oracle_log"; }

# Another way, which ORACLE_THROUGH names, must come to the same; then the definition is left alone. See
# tests/state-oracles.t: the log in pieces, each joined to a state.
oracle_state() {
	oracle_state=$oracle_dir/state
	oracle_cut=$oracle_log.$((oracle_n % 2)) # dealt out, or cut in one
	rm -f "$oracle_state"
	[ -e "$oracle_cut.0" ] || awk -v to="$oracle_cut" -v deal=$((oracle_n % 2)) '
	NR == 1 { for (i = 0; i < 3; i++) print >(to "." i) }
	NR > 1 { # what does not begin with a year goes on with the record before
		if (/^[12][09]/) n++
		print >(to "." (deal ? (n * 7 + int(n / 5)) % 3 : n < 60 ? 0 : n < 100 ? 1 : 2))
	}' "$oracle_log"
	for oracle_piece in 0 1 2; do
		"$@" --state "$oracle_state" --no-dedup "$oracle_cut.$oracle_piece" >"$oracle_state.out" || return
	done
	cat "$oracle_state.out"
}

oracle_words() {
	oracle_tab=
	for word; do
		printf '%s%s' "$oracle_tab" "$word"
		oracle_tab='	'
	done
	echo
}

oracle_case() {
	oracle_n=$((oracle_n + 1))
	oracle_out=$oracle_dir/$oracle_seed.$oracle_n
	oracle_words "$@" >"$oracle_out.words"
	oracle_flags "$@" >"$oracle_out.flags"
	set --
	while IFS= read -r flag; do set -- "$@" "$flag"; done <"$oracle_out.flags"
	"${ORACLE_THROUGH:-oracle_whole}" "$oracle_program" -o csv "$@" >"$oracle_out.have" 2>"$oracle_out.err"
	oracle_status=$?
	if [ $oracle_status = 2 ] && [ "${oracle_refusals:-no}" = yes ]; then
		[ -z "${ORACLE_SHOW:-}" ] || cat "$oracle_out.err" >&2
		rm -f "$oracle_out".*
		oracle_n=$((oracle_n - 1))
		return
	fi
	[ $oracle_status = 0 ] || echo "exit $oracle_status" >>"$oracle_out.have"
	if [ -n "${ORACLE_THROUGH:-}" ]; then
		oracle_whole "$oracle_program" -o csv "$@" >"$oracle_out.want" 2>>"$oracle_out.err"
		return
	fi
	"$oracle_program" "$@" --define >"$oracle_out.sql" 2>>"$oracle_out.err" || {
		cat "$oracle_out.err" >&2
		oracle_bad="$oracle_bad $*"
		return
	}
	printf '.output %s\n.read %s\n.output\n' "$oracle_out.want" "$oracle_out.sql" >>"$oracle_dir/all.sql"
}

# The logs take the cases in turn; oracle_line may rewrite a line for the log at hand.
oracle_rounds() {
	oracle_total=$(grep -c . "$1")
	oracle_at_case=0
	oracle_of=1
	set -f # a case may hold a glob
	while [ $oracle_of -le "${ORACLE_SEEDS:-$2}" ]; do
		"$4" $oracle_of
		oracle_i=0
		while [ $oracle_i -lt "$3" ]; do
			oracle_i=$((oracle_i + 1))
			# shellcheck disable=SC2046
			oracle_case $(oracle_line "$(sed -n $((oracle_at_case % oracle_total + 1))p "$1")")
			oracle_at_case=$((oracle_at_case + 1))
		done
		oracle_of=$((oracle_of + 1))
	done
	set +f
}

oracle_line() { printf '%s\n' "$1"; }

oracle_close() {
	[ -z "$oracle_bad" ] || fail "$oracle_program: --define with$oracle_bad"
	if ! sqlite3 :memory: <"$oracle_dir/all.sql" >"$oracle_dir/sqlite.out" 2>"$oracle_dir/sqlite.err"; then
		fail "$oracle_program: what --define prints runs on sqlite3"
		show "$oracle_dir/sqlite.err"
		return
	fi
	rows=$(cat "$oracle_dir"/*.want | wc -l)
	[ "$rows" -gt $((${1:-10} * oracle_n)) ] && pass "$oracle_program: $oracle_n cases of $((rows)) rows" ||
		fail "$oracle_program: $oracle_n cases have but $rows rows"
	for seed in $oracle_logs; do
		bad=
		for words in "$oracle_dir/$seed".*.words; do
			base=${words%.words}
			cmp -s "$base.want" "$base.have" || bad="$bad $base"
		done
		[ -z "$bad" ] && pass "$oracle_program of log $seed" && continue
		fail "$oracle_program of log $seed"
		for base in $bad; do
			echo "#   $(cat "$base.words")"
			diff "$base.want" "$base.have" | sed 's/^/#     /' | head -n "${ORACLE_LINES:-6}"
			sed 's/^/#     /' "$base.err" | head -n 2
		done
	done
}
