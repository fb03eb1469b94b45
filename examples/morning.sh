#!/bin/sh
# The morning mail, for cron: last week's activity of each group, and an alarm for the groups under the
# floor. Where the export lives on, add --max-age 26h: it fails when the export is stuck.
#   0 8 * * * /path/to/morning.sh | mail -s 'groups' me
set -eu
cd "$(dirname "$0")"
floor=${1-0.4}

echo "Activity of the last finished weeks"
activity-rate --period week --last 21d -o markdown \
	--columns group,period,members,active,rate,talkers,messages,complete chat.json

echo
echo "Under the floor of $floor in a finished week"
status=0
activity-rate --period week --last 21d --alert "rate<$floor" --alert-only --quiet -o tsv \
	--columns group,period,rate chat.json 2>/dev/null || status=$?
case $status in
0) echo "none" ;;
3) ;; # an alarm is news, not a failure of this script
*) exit "$status" ;;
esac
