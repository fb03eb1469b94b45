# Random logs measured twice: by a program and by its definition in tests/oracle/*.sql on sqlite3.
# All logs and all cases of a test file go through one sqlite3 process.
#
#   oracle_open PROGRAM SQL     begins
#   oracle_log SEED [-v VAR=N]...  makes the log that the next cases use (variables of random.awk)
#                               and a member list for roster=1, days for event_days=1
#   oracle_case NAME=VALUE...   one set of options; since=@20 is the 20th day of the log, by=a,b
#   oracle_rounds CASES LOGS N MAKE  calls MAKE SEED for each log (ORACLE_SEEDS of them, else LOGS) and
#                               gives it the next N lines of the file CASES, in turn
#   oracle_close [ROWS]         runs the SQL; one TAP line a log; there must be ROWS rows a case (10)
#
# The function oracle_columns must print the SQL list of columns for the case's options ($@).

oracle_open() {
	oracle_program=$1
	oracle_dir=$scratch/oracle
	oracle_sql=tests/oracle/$2.sql
	oracle_n=0
	oracle_logs=
	mkdir -p "$oracle_dir"
	cat >"$oracle_dir/all.sql" <<-'SQL'
	.bail on
	.mode list
	.separator ,
	.headers on
	PRAGMA journal_mode = OFF;
	.read tests/oracle/zone.sql
	CREATE TABLE opt(name, value);
	SQL
}

oracle_log() {
	oracle_seed=$1
	oracle_log=$oracle_dir/log.$1.csv
	shift
	awk -v seed="$oracle_seed" "$@" -f tests/random.awk >"$oracle_log"
	oracle_first=$(sed '1d;/^20/!d;s/T.*//' "$oracle_log" | sort | head -n 1)
	oracle_logs="$oracle_logs $oracle_seed"
	oracle_roster=$oracle_dir/roster.$oracle_seed.csv
	oracle_list <"$oracle_log" >"$oracle_roster"
	oracle_events=$oracle_dir/events.$oracle_seed.csv
	oracle_days "$oracle_seed" >"$oracle_events"
	cat >>"$oracle_dir/all.sql" <<-SQL
	DROP TABLE IF EXISTS raw;
	.import --csv $oracle_log raw
	DROP TABLE IF EXISTS roster_raw;
	.import --csv $oracle_roster roster_raw
	DROP TABLE IF EXISTS event_raw;
	.import --csv $oracle_events event_raw
	SQL
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

# Some days of the log with labels, for event_days=1.
oracle_days() {
	sqlite3 -csv -header :memory: "WITH RECURSIVE i(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM i WHERE i < 11)
		SELECT date('$oracle_first', (($1 * 31 + i * i * 7) % 95 - 2) || ' days') AS date,
			CASE WHEN i % 3 = 1 THEN 'sale' WHEN i = 5 THEN 'live, 直播' ELSE 'auction' END AS label FROM i"
}

# @20 -> the date of that day of the log
oracle_date() {
	sqlite3 :memory: "SELECT date('$oracle_first', '$(printf '%+d' "${1#@}") days')"
}

oracle_flag() {
	case $1=$2 in
	roster=1) printf -- '--roster=%s' "$oracle_roster"; return ;;
	event_days=1) printf -- '--event-days=%s' "$oracle_events"; return ;;
	*=1) case $1 in
		include_staff | total | no_flood | histogram | summary | lost | survival | talk | rolling | lifecycle | zero_ok | winback | cleanup | mature | levels | \
			ladder | gaps | rfm)
			printf -- '--%s' "$1" | tr _ -; return ;;
		esac ;;
	esac
	printf -- '--%s=%s' "$(echo "$1" | tr _ -)" "$2"
}

oracle_case() {
	oracle_n=$((oracle_n + 1))
	{
		echo 'DELETE FROM opt;'
		for word; do
			name=${word%%=*}
			value=${word#*=}
			case $value in @*) value=$(oracle_date "$value") ;; esac
			case $name in
			by) printf "INSERT INTO opt VALUES ('by1', '%s');\n" "${value%%,*}"
				case $value in *,*) printf "INSERT INTO opt VALUES ('by2', '%s');\n" "${value#*,}" ;; esac ;;
			*) printf "INSERT INTO opt VALUES ('%s', '%s');\n" "$name" "$value" ;;
			esac
		done
		cat tests/oracle/base.sql
		base=tests/oracle/$(echo "$oracle_program" | tr - _)_base.sql
		[ ! -e "$base" ] || cat "$base"
		echo 'DROP TABLE IF EXISTS result; CREATE TABLE result AS'
		cat "$oracle_sql"
		echo ".once $oracle_dir/$oracle_seed.$oracle_n.want"
		echo "SELECT $(oracle_columns "$@") FROM result ORDER BY rowid;"
	} >>"$oracle_dir/all.sql"
	oracle_run "$@"
}

# The logs take the cases in turn; oracle_line may rewrite a line for the log at hand.
oracle_rounds() {
	oracle_total=$(grep -c . "$1")
	oracle_at=0
	oracle_of=1
	set -f # a case may hold a glob
	while [ $oracle_of -le "${ORACLE_SEEDS:-$2}" ]; do
		"$4" $oracle_of
		oracle_i=0
		while [ $oracle_i -lt "$3" ]; do
			oracle_i=$((oracle_i + 1))
			# shellcheck disable=SC2046
			oracle_case $(oracle_line "$(sed -n $((oracle_at % oracle_total + 1))p "$1")")
			oracle_at=$((oracle_at + 1))
		done
		oracle_of=$((oracle_of + 1))
	done
	set +f
}

oracle_line() { printf '%s\n' "$1"; }

# The columns of by=a,b among the case's options ($@), each followed by a comma.
oracle_by() {
	for word; do
		case $word in by=*)
			echo "${word#by=}" | tr , '\n' | {
				i=0
				while read -r field; do
					i=$((i + 1))
					printf '%s AS "%s", ' "$(oracle_cell "by$i")" "$field"
				done
			} ;;
		esac
	done
}

# The program on the same case.
oracle_run() {
	oracle_words=$*
	oracle_left=$#
	while [ $oracle_left -gt 0 ]; do
		value=${1#*=}
		case $value in @*) value=$(oracle_date "$value") ;; esac
		set -- "$@" "$(oracle_flag "${1%%=*}" "$value")"
		shift
		oracle_left=$((oracle_left - 1))
	done
	oracle_out=$oracle_dir/$oracle_seed.$oracle_n
	printf '%s\n' "$oracle_words" >"$oracle_out.words"
	"$oracle_program" -o csv "$@" "$oracle_log" >"$oracle_out.have" 2>"$oracle_out.err" ||
		echo "exit $?" >>"$oracle_out.have"
}

# A cell as RFC 4180 wants it.
oracle_cell() {
	printf "CASE WHEN instr(%s, ',') OR instr(%s, '\"') THEN '\"' || replace(%s, '\"', '\"\"') || '\"' ELSE %s END" \
		"$1" "$1" "$1" "$1"
}

oracle_close() {
	if ! sqlite3 :memory: <"$oracle_dir/all.sql" >"$oracle_dir/sqlite.out" 2>"$oracle_dir/sqlite.err"; then
		fail "$oracle_program: the definition runs on sqlite3"
		show "$oracle_dir/sqlite.err"
		return
	fi
	rows=$(cat "$oracle_dir"/*.want | wc -l)
	[ "$rows" -gt $((${1:-10} * oracle_n)) ] && pass "$oracle_program: $oracle_n cases of $((rows)) rows" ||
		fail "$oracle_program: $oracle_n cases have but $rows rows"
	# sqlite prints no header above no rows: there the program's own is taken.
	for seed in $oracle_logs; do
		bad=
		for words in "$oracle_dir/$seed".*.words; do
			base=${words%.words}
			[ -s "$base.want" ] || sed '1!d;/^exit/d' "$base.have" >"$base.want"
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
