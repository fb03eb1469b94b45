#!/bin/sh
# The other tables of repurchase: each against its definition in SQL over random logs, cuts and refusals
# by hand, and the published results for the CDNOW sample.
. tests/lib.sh
. tests/oracle.sh

# A line is the options of a case; the logs take them in turn.
cat >"$scratch/cases" <<'EOC'
tz=UTC
tz=Asia/Shanghai
tz=America/New_York day_start=04:00
by=group
by=product
by=source
by=role
by=city,product
by=product,group
unit=member
unit=member by=city
collapse=day
collapse=day by=product tz=Asia/Shanghai
refund=drop
refund=ignore by=city
zero_ok=1
since=@20
until=@60
since=@15 until=@70 by=group
since=@15 until=@70 by=product
as_of=@60
as_of=@33 tz=America/New_York
as_of=@-3
as_of=@400
as_of=@420 by=product
as_of=@500 collapse=day
where=order&amount>=20
where=message
include_staff=1
staff=u3,u7
confidence=0.9 last=60d
by=user,text
EOC

against_sql() { # TABLE ROWS
	table=$1
	oracle_open repurchase
	oracle_line() { echo "$table=1 $1"; }
	oracle_rounds "$scratch/cases" 30 3 random_log
	oracle_close "$2"
	rm -rf "$oracle_dir"
}
random_log() {
	oracle_log $1 -v events=$((60 + $1 * 37 % 300)) -v users=$((4 + $1 * 5 % 15)) \
		-v groups=$((1 + $1 % 4)) -v orders=$(($1 % 3 * 25))
	[ "$table" != rfm ] || {
		oracle_case rfm=1 bins=$((2 + $1 % 9)) as_of=@$((40 + $1))
		oracle_case rfm=1 cuts=1
	}
}
against_sql ladder 3
against_sql gaps 1
against_sql rfm 4
oracle_line() { echo "$1"; }

# --- by hand ---------------------------------------------------------------------------------------

cat >"$scratch/shop.csv" <<'X'
ts,user,type,order_id,amount
2026-01-01 10:00:00,ann,order,1,20
2026-01-11 10:00:00,ann,order,2,30
2026-01-31 10:00:00,ann,order,3,50
2026-01-05 10:00:00,ben,order,4,10
2026-01-05 12:00:00,ben,order,5,10
2026-01-30 10:00:00,cai,order,6,
2026-01-21 10:00:00,dan,order,7,200
X
s=$scratch/shop.csv
# First orders: ann's next is 10 days away, ben's 0; cai is watched for 1 day, dan for 10. At 0 four are at
# risk, at 10 two: 3/4 and 3/8 are left, the median is 10 days. No one is watched for a year.
is "the ladder by hand" "n,base,next,rate,rate_365,median_days
1,4,2,0.500000,,10
2,2,1,0.500000,,20
3,1,0,0.000000,," "$(repurchase --ladder -c n,base,next,rate,rate_365,median_days "$s")"
is "a year later the year's rate is known" "1,4,2,0.500000,0.500000,10" \
	"$(repurchase --ladder --as-of 2027-02-01 -c n,base,next,rate,rate_365,median_days "$s" | sed -n 2p)"
is "the gaps by hand" "n,p10,p25,p50,p75,p90,mean
3,0,0,10,20,20,10.000000" "$(repurchase --gaps "$s")"
is "the gaps of no orders" "n,p10,p25,p50,p75,p90,mean
0,,,,,," "$(repurchase --gaps --since 2027-01-01 "$s")"
cat >"$scratch/cuts.csv" <<'X'
score,recency_days,monetary
2,20,20
3,1,100
X
# recency: ann 0, ben 26, cai 1, dan 10; money 100, 20, unknown, 200. Frequency is ranked into 3 scores:
# cai and dan surpass nobody, ben two, ann three of four.
is "cuts by hand" "user,recency_days,r,f,m,segment
ann,0,3,3,3,champion
ben,26,1,2,2,at-risk
cai,1,3,1,,new-buyer
dan,10,2,1,3,about-to-sleep" \
	"$(repurchase --rfm --cuts "$scratch/cuts.csv" -c user,recency_days,r,f,m,segment "$s")"
is "shaped as any table" "user,frequency
ann,3" "$(repurchase --rfm --sort frequency:desc --top 1 -c user,frequency "$s")"
is "the same for any order of lines" "$(repurchase --rfm "$s")" \
	"$({ head -n 1 "$s"; sed 1d "$s" | sort -r; } | repurchase --rfm)"

says "two tables exclude each other" "--ladder and --rfm exclude each other" "repurchase --rfm --ladder $s"
exits "which is wrong usage" 2 "repurchase --gaps --clv $s"
exits "--params needs --clv" 2 "repurchase --params $s"
exits "--cuts needs --rfm" 2 "repurchase --cuts $scratch/cuts.csv $s"
exits "--period belongs to the main table" 2 "repurchase --gaps --period month $s"
exits "--within too" 2 "repurchase --ladder --within 30 $s"
exits "--bins has a least number" 2 "repurchase --rfm --bins 1 $s"
exits "cuts that are not there" 1 "repurchase --rfm --cuts $scratch/none.csv $s"
printf 'score,recency_days\n2,20\n3,30\n' >"$scratch/bad.csv"
says "cuts the wrong way round, with their line" "bad.csv:3: a higher score" \
	"repurchase --rfm --cuts $scratch/bad.csv $s"
printf 'score,recency_days\n3,20\n' >"$scratch/bad.csv"
says "cuts that begin elsewhere" "bad.csv:2: scores are" "repurchase --rfm --cuts $scratch/bad.csv $s"
printf 'score,recency_days\n2\n' >"$scratch/bad.csv"
says "a short row of cuts" "bad.csv:2: .*not as wide" "repurchase --rfm --cuts $scratch/bad.csv $s"
{ printf '\357\273\277'; sed 's/$/\r/; s/,/;/g' "$scratch/cuts.csv"; } >"$scratch/office.csv"
same "cuts from a spreadsheet" "repurchase --rfm --cuts $scratch/cuts.csv $s" \
	"repurchase --rfm --cuts $scratch/office.csv $s"
exits "a model without a best fit is an error" 1 "repurchase --clv $s"
is "and prints nothing" "" "$(repurchase --clv --params "$s" 2>/dev/null)"
says "and says so" "finds no best parameters for 4 buyers" "repurchase --clv $s"
is "no buyers are none to model" "user,frequency,t_x,T,p_alive,expected_90d" \
	"$(repurchase --clv --since 2027-01-01 "$s")"

# --- published -------------------------------------------------------------------------------------

d=$QUN_SHARED/data/cdnow_sample
if [ ! -r "$d/orders.csv" ]; then
	skip "CDNOW: published results" "$d is not there"
	finish
	exit
fi
cdnow() {
	repurchase --set type=order --map user=customer_id --map ts=date --map amount=value --zero-ok \
		--tz UTC "$@" "$d/orders.csv"
}
# Fader, Hardie, Lee 2005: r 0.243, alpha 4.414, a 0.793, b 2.426, log-likelihood -9582.4.
is "CDNOW: the published parameters" "0.243 4.414 0.793 2.426 -9582.4 2357" \
	"$(cdnow --as-of 1997-09-30 --clv --params | awk -F, 'NR == 2 {
		printf "%.3f %.3f %.3f %.3f %.1f %d", $1, $2, $3, $4, $5, $6 }')"
cdnow --as-of 1997-09-30 --clv >"$scratch/clv"
awk -F, -v OFS=, 'NR > 1 { print $1 + 0, $2, sprintf("%.2f", $3), sprintf("%.2f", $4) }' "$scratch/clv" \
	>"$scratch/have"
is "CDNOW: the published 39 weeks" "$(sed 1d "$d/published/summary_39_weeks.csv" | cut -d , -f 1-4)" \
	"$(cat "$scratch/have")"
is "CDNOW: nobody's chance without a repeat, everybody's else" "0 0" "$(awk -F, 'NR > 1 {
		a += $2 == 0 && $5 != ""; b += $2 > 0 && ($5 == "" || $5 > 1) } END { print a + 0, b + 0 }' "$scratch/clv")"
cdnow --collapse day --ladder -c n,base | sed '1d;31,$d' >"$scratch/have"
is "CDNOW: buyers by occasion" "$(sed 1d "$d/reference/repurchase_by_occasion.csv" | cut -d , -f 1,2 | head -n 29)" \
	"$(head -n 29 "$scratch/have")"
cdnow --collapse day --as-of 1997-09-30 --rfm >"$scratch/rfm"
is "CDNOW: frequency and recency of the reference" "" "$(awk -F, 'NR == FNR { x[$1] = $2; w[$1] = $4 - $3; next }
	FNR > 1 { id = $1 + 0; if ($4 != x[id] + 1 || ($3 / 7 - w[id])^2 > 0.0002) print id, $3, $4 }' \
	"$d/reference/rfm_39_weeks.csv" "$scratch/rfm")"
is "CDNOW: equal values have equal scores" "" "$(awk -F, 'FNR > 1 {
		if ($4 in f && f[$4] != $7) print "f", $4; f[$4] = $7
		if ($3 in r && r[$3] != $6) print "r", $3; r[$3] = $6 }' "$scratch/rfm")"
finish
