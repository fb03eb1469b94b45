#!/bin/sh
# A tour of the programs on two small fruit-selling groups: eight weeks of chat, a shop's orders, the
# list that joins the shop's phones to chat ids, and the member list. The zone, the staff and the
# list of phones come from quntools.conf in this folder.
set -eu
cd "$(dirname "$0")"

show() { # TEXT COMMAND...: one line on what is asked, the command, its table
	printf '\n%s\n\n  $' "$1"
	shift
	printf ' %s' "$@"
	printf '\n\n'
	"$@" -o table
}

show 'Of those who first spoke in a week, how many speak again k weeks later? (per cent)' \
	cohort-retention chat.json
show 'Of those who first bought in a week, how many buy again k weeks later?' \
	cohort-retention --birth order --return order orders.csv
show 'What share of the members was active each week, and did members talk or only staff?' \
	activity-rate --period week --last 28d --talk \
	--columns group,period,members,active,rate,lo,hi,talkers,ugc_share,complete chat.json
show 'Where do people drop on the way from joining to buying, and how long does each step take?' \
	funnel --steps join,message,order --window 30d chat.json orders.csv
show 'Does it matter how they came: by QR code or invited by a member?' \
	funnel --steps join,message,order --window 30d --by source \
	--columns source,label,reached,rate_prev,rate_first,dropped,pending chat.json orders.csv
show 'How many buyers buy again, how soon, for how much?' \
	repurchase --within 14,30 \
	--columns buyers,orders,repeat_buyers,repeat_rate,lo,hi,median_gap_days,again_30d_rate,net orders.csv
show 'Which buyers have gone silent? The best ones come first.' \
	churn-list --winback --top 5 --columns user,name,last_active,silent_days,orders,amount,class,reason \
	chat.json orders.csv
show 'Who never spoke and never bought, and may make room for somebody else?' \
	churn-list --cleanup --class never-spoke --roster members.csv --top 5 \
	--columns group,user,name,joined,silent_days,class,basis chat.json orders.csv
