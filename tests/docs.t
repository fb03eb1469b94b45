#!/bin/sh
# Options are declared once, and the manual says the same: every row is in a page, every option of a
# page is a row, with the same letter and a help line.
. tests/lib.sh

# Rows of a source file, as "name letter" ("-" for none), in the order of the file.
rows() {
	sed -n "s/^[[:space:]]*{\"\([a-z-]*\)\", \(0\|'.'\), QUN_OPT_.*/\1 \2/p" "$1" | sed "s/ 0\$/ -/; s/'//g"
}

# Options of a page: lines ".It Fl x , Fl -name" or ".It Fl -name".
documented() {
	sed -n 's/^\.It Fl \(.\) , Fl -\([a-z-]*\).*/\2 \1/p; s/^\.It Fl -\([a-z-]*\).*/\1 -/p' "$1"
}

differ() { # what only the first, or only the second has
	rows "$1" | sort >"$scratch/rows"
	documented "$2" | sort >"$scratch/pages"
	diff "$scratch/rows" "$scratch/pages" | grep '^[<>]'
}

is "the common options and qun(7) agree" "" "$(differ cmd/common/options.c man/qun.7)"
is "the common options are found" yes "$([ "$(rows cmd/common/options.c | wc -l)" -gt 30 ] && echo yes)"
for tool in $(tools); do
	source=lib/metric/$(echo "$tool" | tr - _).c
	[ -e "$source" ] || source=cmd/common/others.c # no metric
	page=man/$tool.1
	is "$tool: the options and the page agree" "" "$(differ "$source" "$page")"
	is "$tool: options are found" yes "$([ "$(rows "$source" | wc -l)" -ge 3 ] && echo yes)"
	"$tool" --help >"$scratch/help"
	for name in $(rows "$source" | cut -d ' ' -f 1) $(rows cmd/common/options.c | cut -d ' ' -f 1); do
		grep -Eq -e "--$name([^a-z-]|\$)" "$scratch/help" || echo "$name"
	done >"$scratch/unhelped"
	is "$tool: --help mentions every option" "" "$(cat "$scratch/unhelped")"

	# Every column that the program can print is in its table of columns.
	case $tool in
	activity-rate) set -- '--talk --rolling --lifecycle --no-flood --event-days examples/days.csv' --histogram \
		'--event-days examples/days.csv --summary' ;;
	churn-list) set -- '' --summary ;;
	cohort-retention) set -- '--value amount' --survival '--survival --summary' '--hazard 0-' \
		'--unit member --people 2026-01-05:1' ;;
	funnel) set -- '--steps join,order' '--steps join,order --list 2:dropped' '--steps join,order --levels' \
		'--steps join,order --windows 1d,7d' '--steps join,order --clickhouse default' ;;
	repurchase) set -- '' --ladder --gaps --rfm '--clv --since 2100-01-01' '--clv --params --since 2100-01-01' ;;
	*) set -- '' ;;
	esac
	mandoc -T utf8 "$page" | sed 's/.\x08//g' >"$scratch/text"
	for form in "$@"; do
		# shellcheck disable=SC2086
		"$tool" $form --top 0 -o csv examples/chat.json 2>/dev/null | tr , '\n' | while read -r column; do
			grep -Eq "(^|[ ,])$column([ ,.)]|\$)" "$scratch/text" || echo "$column"
		done
	done >"$scratch/columns"
	is "$tool: every column is in the manual" "" "$(cat "$scratch/columns")"

	for section in NAME SYNOPSIS DESCRIPTION OPTIONS DEFINITIONS 'EXIT STATUS' EXAMPLES 'SEE ALSO' CAVEATS; do
		grep -q "^\.Sh $section\$" "$page" || echo "$section"
	done >"$scratch/sections"
	is "$tool: the page has all sections" "" "$(cat "$scratch/sections")"
	is "$tool: qun(7) and the README know it" yes \
		"$(grep -q "^\.It Xr $tool 1" man/qun.7 && grep -q "^| \`$tool\`" README && echo yes)"
done

# Formats: each one read now has its place in the manual and nowhere else.
sed -n 's/^\t\.name = "\([^"]*\)",.*/\1/p' lib/format/*.c | sort >"$scratch/formats"
sed -n 's/^\.Ss \([a-z0-9, -]*\)$/\1/p' man/qun-formats.5 | tr -d ' ' | tr , '\n' | sort >"$scratch/pages"
diff "$scratch/formats" "$scratch/pages" | grep '^[<>]' >"$scratch/differ"
is "qun-formats(5) has every format" "" "$(cat "$scratch/differ")"

for page in man/*.[0-9]; do
	is "$page is clean mdoc" "" "$(mandoc -T lint -W warning "$page" 2>&1)"
done
is "qun(7) knows every exit status" "0 1 2 3 75" \
	"$(sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It \([0-9]*\)$/\1/p' man/qun.7 | tr '\n' ' ' | sed 's/ $//')"
finish
