#!/bin/sh
# Buyers who fell silent, as lines to paste: who, what he spent, and how long he has been quiet.
set -eu
cd "$(dirname "$0")"
churn-list --winback --silent 14d --class buyer-silent,silent -o tsv \
	--columns name,amount,orders,silent_days chat.json orders.csv |
	awk -F '\t' 'NR > 1 { printf "@%s: %s yuan, orders: %d, quiet for %d days\n", $1, $2, $3, $4 }'
