#!/bin/sh
# All programs against what --define prints, over random logs and random combinations of options. A
# combination that the program refuses is none; every value of every option is in one that it takes.
. tests/lib.sh
. tests/oracle.sh

TAB='	'
oracle_refusals=yes
case_of() { # LINE of options, parted by TAB
	IFS=$TAB
	set -f
	# shellcheck disable=SC2086
	set -- $1
	set +f
	unset IFS
	oracle_case "$@"
}
random_cases() { # PROGRAM LOGS CASES
	oracle_open "$1"
	awk -v program="$1" -v seed="${ORACLE_FROM:-1}" -v cases=$(($2 * $3)) -f tests/options.awk tests/options.tsv >"$scratch/cases"
	seed=${ORACLE_FROM:-1}
	n=0
	while IFS= read -r line; do
		[ $((n % $3)) != 0 ] || {
			oracle_log "$seed" -v events=$((60 + seed * 37 % 240)) -v users=$((4 + seed * 5 % 17)) -v groups=$((1 + seed % 4)) \
				-v orders=$((seed % 3 * 15)) -v floods=$((seed % 4 * 4)) -v days=$((40 + seed % 4 * 20))
			seed=$((seed + 1))
		}
		case_of "$line"
		n=$((n + 1))
	done <"$scratch/cases"
	cat "$oracle_dir"/*.words >"$scratch/taken"
	oracle_close 0
	rm -rf "$oracle_dir"
	[ "$2" -lt 20 ] || is "$1: each value of each option is in some case" '' \
		"$(awk -F "$TAB" -v program="$1" 'FNR == NR { for (i = 1; i <= NF; i++) met[$i] = 1; next }
			/^[^#]/ && ($1 == "*" || $1 == program) {
				sub(/!.*/, "", $2)
				for (i = 4; i <= NF; i++) {
					n = split($2 "=" $i, word, / \+ /)
					while (n && word[n] in met) n--
					if (n) print word[n]
				}
			}' "$scratch/taken" tests/options.tsv)"
}
for program in ${ORACLE_PROGRAMS:-$(tools)}; do
	case $program in chat-cat) ;; *) random_cases "$program" "${ORACLE_SEEDS:-20}" 10 ;; esac
done
finish
