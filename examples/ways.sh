#!/bin/sh
# Which way of joining is worth more? Talk, orders and staying, side by side for each way.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

funnel --steps join,message,order --window 30d --by source -o csv \
	--columns source,step,reached,rate_first chat.json orders.csv |
	awk -F , '$2 == 1 { n[$1] = $3 } $2 == 2 { talk[$1] = $4 } $2 == 3 { print $1 "," n[$1] "," talk[$1] "," $4 }' |
	sort >"$scratch/funnel"
cohort-retention --mode member --by source --removed churn -o csv \
	--columns source,offset,eligible,retained chat.json |
	awk -F , '$2 == 4 { n[$1] += $3; in_[$1] += $4 } END { for (s in n) printf "%s,%.6f\n", s, in_[s] / n[s] }' |
	sort >"$scratch/stay"
echo "source,joined,spoke,ordered,member_after_4_weeks"
join -t , "$scratch/funnel" "$scratch/stay"
