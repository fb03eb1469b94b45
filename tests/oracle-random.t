#!/bin/sh
# All programs against what --define prints, over random logs and random combinations of options. A
# combination that the program refuses is none.
. tests/lib.sh
. tests/oracle.sh

TAB='	'
oracle_refusals=yes
split_case() {
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
	seed=${ORACLE_FROM:-1}
	last=$((seed + ${ORACLE_SEEDS:-$2} - 1))
	while [ "$seed" -le "$last" ]; do
		oracle_log "$seed" -v events=$((60 + seed * 37 % 240)) -v users=$((4 + seed * 5 % 17)) -v groups=$((1 + seed % 4)) \
			-v orders=$((seed % 3 * 15)) -v floods=$((seed % 4 * 4)) -v days=$((40 + seed % 4 * 20))
		awk -v program="$1" -v seed="$seed" -v cases="$3" -f tests/options.awk tests/options.tsv >"$scratch/cases"
		while IFS= read -r line; do split_case "$line"; done <"$scratch/cases"
		seed=$((seed + 1))
	done
	oracle_close 0
	rm -rf "$oracle_dir"
}
for program in ${ORACLE_PROGRAMS:-$(tools)}; do
	case $program in chat-cat) ;; *) random_cases "$program" 10 12 ;; esac
done
finish
