#!/bin/sh
# Every night, only what is new. The state knows what was counted, so the export may be the same file
# grown longer, a new one each night, or one that overlaps with the last; --as-of closes yesterday.
#   0 6 * * * /path/to/nightly.sh groups.state | mail -s 'groups' me
# Without a place for the state this shows the table of a first night.
set -eu
state=${1-}
if [ -z "$state" ]; then
	folder=$(mktemp -d)
	trap 'rm -rf "$folder"' EXIT
	state=$folder/groups.state
fi
case $state in /*) ;; *) state=$PWD/$state ;; esac
cd "$(dirname "$0")"
activity-rate -q --state "$state" --period week --last 21d --as-of 2026-02-28 -o markdown \
	--columns group,period,members,active,rate,talkers,messages,complete chat.json
