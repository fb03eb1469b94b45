#!/bin/sh
# Who may be taken out when a group is full: never spoke, never bought, no newcomer. At most three of
# each group, and how many that leaves.
set -eu
cd "$(dirname "$0")"
churn-list --cleanup --class never-spoke,benefits-only,silent --quota 3 --roster members.csv -o csv \
	--columns group,user,name,silent_days,class chat.json orders.csv
echo
churn-list --cleanup --quota 3 --roster members.csv --summary -o csv \
	--columns group,members,listed,rate chat.json orders.csv
