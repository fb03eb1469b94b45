#!/bin/sh
# Published results of others, asked of cohort-retention: survival curves of R's survival package and
# lifelines (therneau/survival, CamDavidsonPilon/lifelines), cohorts of retentioneering 3.x
# (retentioneering/retentioneering-tools) and retention of PostHog (PostHog/posthog). Inputs and
# numbers are those of data/peer in QUN_SHARED, where each case names its source.
. tests/lib.sh
peer=$QUN_SHARED/data/peer
if [ ! -r "$peer/survival_km/cases.json" ]; then
	skip "published retention and survival" "no data in $peer"
	finish
	exit
fi

# asked SUITE ID PATH: a value of a published case as JSON
asked() {
	sqlite3 :memory: "SELECT coalesce(json_extract(c.value, '\$.$3'), '')
		FROM json_each(readfile('$peer/$1/cases.json'), '\$.cases') c WHERE json_extract(c.value, '\$.id') = '$2'"
}

# Everybody joins on one day; who is no longer observed is removed, which is censoring.
members() {
	awk -F, 'BEGIN { print "ts,group,user,type,source"; OFS = "," }
	NR > 1 {
		g = NF == 3 ? $1 : "all"
		s = (NF == 3 ? $2 : $1) * 86400 + 1577836800
		print 1577836800, g, "u" NR, "join", ""
		print s, g, "u" NR, "leave", $NF == 1 ? "" : "removed"
	}' "$1"
}
members "$peer/survival_km/aml.csv" >"$scratch/aml.csv"
members "$peer/survival_km/tiny_ties.csv" >"$scratch/ties.csv"
km="$peer/survival_km/cases.json"

# rows GROUP: "time at_risk events survival", 3 decimals, of the published curve
rows() {
	sqlite3 -separator ' ' :memory: "SELECT r.value ->> 0, r.value ->> 1, r.value ->> 2, printf('%.3f', r.value ->> 3)
		FROM json_each(readfile('$km'), '\$.cases[0].expected.groups.$1.rows') r"
}
for g in Maintained Nonmaintained; do
	is "aml, $g: the curve while 5 are at risk" "$(rows $g | awk '$2 >= 5')" "$(
		cohort-retention --survival --by group "$scratch/aml.csv" 2>/dev/null |
			awk -F, -v g=$g '$1 == g && $4 > 0 { printf "%d %d %d %.3f\n", $2, $3, $4, $6 }')"
	# A range of one day has the people at risk on it, also where the curve has stopped.
	is "aml, $g: at risk and leaves on all days" "$(rows $g)" "$(
		cohort-retention --hazard "$(rows $g | cut -d ' ' -f 1 | paste -sd , -)" --by group "$scratch/aml.csv" 2>/dev/null |
			awk -F, -v g=$g 'BEGIN { s = 1 } $1 == g { s *= 1 - $4 / $3; printf "%d %d %d %.3f\n", $2, $3, $4, s }')"
done
is "aml: medians, and the p of the log-rank test" "Maintained,11,7,31,0.07 Nonmaintained,12,11,23,0.07" "$(
	cohort-retention --survival --summary --by group "$scratch/aml.csv" 2>/dev/null |
		awk -F, 'NR > 1 { printf "%s%s,%d,%d,%d,%.2f", (NR > 2 ? " " : ""), $1, $2, $3, $5, $6 }')"
is "aml: the published median, events and p are those" "31 23 7 11 0.07" \
	"$(for p in Maintained.median Nonmaintained.median Maintained.events Nonmaintained.events; do
		asked survival_km km_two_groups expected.groups.$p
	done | paste -sd ' ' -) $(asked survival_km km_two_groups expected.logrank_p)"
# Days are whole: between two times the people at risk are those of the next day.
is "at risk between times" "$(asked survival_km km_at_risk_between_times expected.at_risk)" "[$(
	cohort-retention --hazard 1,1,2,6,8,8,9,9,10 "$scratch/ties.csv" 2>/dev/null | awk -F, 'NR > 1 { print $2 }' | paste -sd , -)]"
is "leaves at times" "1 0 2 0 1" "$(
	cohort-retention --hazard 1,2,6,8,9 "$scratch/ties.csv" 2>/dev/null | awk -F, 'NR > 1 { print $3 }' | paste -sd ' ' -)"

# retentioneering: a rate for every cohort and offset; where nobody was active it has no number.
rates() {
	sqlite3 -separator ' ' :memory: "SELECT r.key, k.key, printf('%.4f', coalesce(k.value, 0))
		FROM json_each(readfile('$peer/retentioneering/cases.json'), '\$.cases') c,
			json_each(c.value, '\$.expected.rates') r, json_each(r.value) k
		WHERE json_extract(c.value, '\$.id') = '$1'"
}
ours() { # the same of a table: number of the cohort, offset, column $1
	awk -F, -v col="$1" 'NR > 1 { if ($1 != last) n++; last = $1; printf "%d %d %s\n", n - 1, $3, $col }'
}
for case in cohort_month:month cohort_30_days:30d; do
	rates "${case%:*}" >"$scratch/want"
	cohort-retention --period "${case#*:}" "$peer/retentioneering/cohorts.csv" 2>/dev/null |
		ours 6 | awk '{ printf "%d %d %.4f\n", $1, $2, $3 }' >"$scratch/have"
	# Offsets that had not begun by the newest event are left empty by the peer and not printed here.
	awk 'NR == FNR { have[$1, $2] = 1; next } ($1, $2) in have || $3 > 0' "$scratch/have" "$scratch/want" >"$scratch/want.cut"
	is "retentioneering: ${case%:*}" "$(cat "$scratch/want.cut")" "$(cat "$scratch/have")"
done

# PostHog: rows of counts; rows of a day without a cohort are zeros there and not printed here.
matrix() {
	sqlite3 -separator ' ' :memory: "SELECT date(json_extract(c.value, '\$.params.from'), r.key || ' days'), k.key, k.value
		FROM json_each(readfile('$peer/posthog/cases.json'), '\$.cases') c,
			json_each(c.value, '\$.expected.matrix') r, json_each(r.value) k
		WHERE json_extract(c.value, '\$.id') = '$1' AND r.value ->> 0 > 0"
}
counts() { # ID FROM LAST-DAY FILE OPTION...
	id=$1 from=$2 last=$3 file=$4
	shift 4
	matrix "$id" >"$scratch/want"
	sed '1s/event/type/;s/sign up/signup/;s/\$//g' "$peer/posthog/$file" >"$scratch/in.csv"
	[ "$id" != retention_day_only_person1 ] || sed -i '1p;/^person1,/!d' "$scratch/in.csv"
	cohort-retention --period day --since "$from" --as-of "$last" --tz UTC "$@" "$scratch/in.csv" 2>"$scratch/err" |
		awk -F, 'NR > 1 { print $1, $3, $3 ? $5 : $2 }' >"$scratch/have"
	is "PostHog: $id" "$(cat "$scratch/want")" "$(cat "$scratch/have")"
}
counts retention_day_all_active 2020-06-10 2020-06-20 ret_day.csv --cohorts recurring --birth pageview --return pageview
counts retention_day_only_person1 2020-06-10 2020-06-16 ret_day.csv --cohorts recurring --birth pageview --return pageview
counts retention_signup_then_event 2020-06-10 2020-06-16 ret_action.csv --cohorts recurring --birth signup --return some_event
counts retention_first_time 2020-06-09 2020-06-15 ret_first_time.csv --birth user_signed_up --return pageview
finish
