#!/bin/sh
# The month in review, in markdown: activity, retention of newcomers, repurchase by month and product.
set -eu
cd "$(dirname "$0")"
echo "## Activity"
activity-rate --period month --total --lifecycle -o markdown \
	--columns period,members,active,rate,new,returning,resurrected,dormant,complete chat.json
echo
echo "## Newcomers who talk again"
cohort-retention --period month --birth join --return message -o markdown chat.json
echo
echo "## Buyers who buy again"
repurchase --period month -o markdown \
	--columns period,buyers,orders,repeat_rate,returning_rate,gmv,net,aov,complete orders.csv
echo
echo "## Products bought again"
repurchase --by product --sort repeat_rate:desc -o markdown \
	--columns product,buyers,orders,repeat_rate,lo,hi,net orders.csv
