#!/bin/sh
# The morning mail, for cron: activity of each group in the last weeks, and the groups that were under
# the floor in a finished week. Where the export lives on, add --max-age 26h to the first command: it
# then fails when the export is stuck.
#   0 8 * * * /path/to/morning.sh 0.4 | mail -s 'groups' me
set -eu
cd "$(dirname "$0")"
floor=${1-0.4}
said=$(mktemp)
trap 'rm -f "$said"' EXIT

echo "Activity of the last weeks"
echo
activity-rate --period week --last 21d -o markdown \
	--columns group,period,members,active,rate,talkers,messages,complete chat.json

echo
echo "Under $floor in a finished week"
echo
status=0
activity-rate --period week --last 21d --alert "rate<$floor" --alert-only -o markdown \
	--columns group,period,rate chat.json 2>"$said" || status=$?
# An alarm is news, not a failure of this script.
if [ $status -ne 0 ] && [ $status -ne 3 ]; then
	cat "$said" >&2
	exit $status
fi
