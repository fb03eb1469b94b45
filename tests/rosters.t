#!/bin/sh
# Member lists of several days: who is on one and not on the next left between them, with no record of
# it; nobody is counted at a moment at which he is not known to be in.
. tests/lib.sh
cd "$scratch" || exit 99

cat >log.csv <<'END'
ts,group,user,type
2024-03-01 09:00:00,g,ann,message
2024-03-02 09:00:00,g,bob,message
2024-03-04 09:00:00,g,dan,message
2024-03-08 09:00:00,g,ann,message
END
list() { # FILE USER,JOINED,LEFT...
	file=$1
	shift
	{ echo group,user,joined,left && printf 'g,%s\n' "$@"; } >"$file"
}
list a.csv ann,, bob,, eve,,
list b.csv ann,, dan,, fay,,
list c.csv ann,, dan,, gus,2024-03-06,
list d.csv ann,, bob,2024-02-20,2024-03-03 dan,,
list f.csv ann,, bob,,
{ cat log.csv && echo '2024-03-03 09:00:00,h,hal,message'; } >two.csv

members() { # OPTION...: members on each day
	activity-rate -c members "$@" log.csv | sed 1d | tr '\n' ' ' | sed 's/ $//'
}

is 'without a list' '1 2 2 3 3 3 3 3' "$(members)"
# Bob and eve are last known in on the 3rd, dan comes by his message of the 4th, fay is first known in
# at the end of the 5th.
is 'joins and leaves between two lists' '3 3 3 2 3 3 3 3' \
	"$(members --roster 2024-03-03=a.csv --roster 2024-03-05=b.csv)"
is 'a list without a date is that of the moment of looking' '3 3 3 2 2 2 2 3' \
	"$(members --roster 2024-03-03=a.csv --roster b.csv)"
is 'a list of the last day too' '3 3 3 2 2 2 2 3' \
	"$(members --roster 2024-03-03=a.csv --roster 2024-03-08=b.csv)"
is 'joined dates who comes between lists' '3 3 3 2 2 3 3 3' \
	"$(members --roster 2024-03-03=a.csv --roster 2024-03-07=c.csv)"
is 'left closes at that instant' '3 3 3 2 2 2 2 2' "$(members --roster 2024-03-05=d.csv)"
is 'but not left after the list' '3 3 3 3 3 3 3 3' "$(members --roster 2024-03-01=d.csv)"
is 'a time of the day' '3 3 2 3 3 3 3 3' \
	"$(members --roster '2024-03-02 12:00=a.csv' --roster 2024-03-04T00:00:00Z=f.csv)"
same 'lists may come in any order' \
	'activity-rate --roster 2024-03-03=a.csv --roster 2024-03-05=b.csv --roster 2024-03-07=c.csv log.csv' \
	'activity-rate --roster 2024-03-07=c.csv --roster 2024-03-05=b.csv --roster 2024-03-03=a.csv log.csv'
list a1.csv ann,, eve,,
list a2.csv bob,,
same 'files of one date are one list' 'churn-list --class silent,never-spoke --silent 1d --newcomer 1d --roster 2024-03-03=a.csv log.csv' \
	'churn-list --class silent,never-spoke --silent 1d --newcomer 1d --roster 2024-03-03=a1.csv --roster 2024-03-03=a2.csv log.csv'
list e.csv ann,, dan,, eve,,
silent() { churn-list --class silent,never-spoke --silent 1d --newcomer 1d -c user "$@" log.csv | sed 1d | sort | tr '\n' ' ' | sed 's/ $//'; }
is 'a list of people has those who are in at the end' 'dan eve' \
	"$(silent --roster 2024-03-03=a.csv --roster 2024-03-08=e.csv)"
is 'and none whom the newest list lacks' 'dan' "$(silent --roster 2024-03-03=a.csv --roster 2024-03-08=c.csv | sed 's/ gus//')"
basis() { activity-rate -c group,basis "$@" two.csv | sed 1d | sort -u | tr '\n' ' ' | sed 's/ $//'; }
is 'the basis of a group in a list is the roster' 'g,roster h,seen' "$(basis --roster 2024-03-03=a.csv)"
is 'a list of after the moment of looking is none' 'g,seen h,seen' "$(basis --roster 2024-03-09=a.csv 2>/dev/null)"
says 'and that is said' 'list of 2024-03-09.*later' 'activity-rate --roster 2024-03-09=a.csv log.csv'
is 'unless the moment is moved' 'g,roster h,seen' "$(basis --as-of 2024-03-09 --roster 2024-03-09=a.csv)"
is 'a list of a later day changes no earlier table' "$(members --as-of 2024-03-04 --roster 2024-03-03=a.csv)" \
	"$(members -q --as-of 2024-03-04 --roster 2024-03-03=a.csv --roster 2024-03-05=b.csv)"

# Who came between lists has no instant of joining, unless a list tells it.
born() { cohort-retention -q --birth join --mode member --period day --unit member -c cohort,size "$@" log.csv | sed 1d | sort -u; }
is 'an inferred join makes no cohort' '' "$(born --roster 2024-03-03=a.csv --roster 2024-03-05=b.csv)"

list stale.csv ann,, dan,, gus,2024-03-01,
undated() { cohort-retention --survival --unit member "$@" log.csv 2>&1 | sed -n 's/.*without a known date.*: //p'; }
is 'a date of joining after the list without him is known' 4 \
	"$(undated --roster 2024-03-03=a.csv --roster 2024-03-07=c.csv)"
is 'but one before that list is not his coming' 5 \
	"$(undated --roster 2024-03-03=a.csv --roster 2024-03-07=stale.csv)"

# When someone came or went between lists is known to lie between two days, and no better.
bounds() { churn-list --bounds --class left,newcomer,silent,never-spoke --silent 1d --newcomer 1d -c user,joined_after,joined,left,left_by "$@" log.csv | sed 1d | sort | tr '\n' ' ' | sed 's/ $//'; }
is 'the bounds of joins and leaves between lists' \
	'bob,,2024-03-01,2024-03-03,2024-03-05 dan,2024-03-03,2024-03-04,, eve,,2024-03-01,2024-03-03,2024-03-05 fay,2024-03-03,2024-03-05,,' \
	"$(bounds --roster 2024-03-03=a.csv --roster 2024-03-05=b.csv)"
is 'of a date that the list tells both bounds are one' 'bob,,2024-03-01,2024-03-03,2024-03-07 dan,2024-03-03,2024-03-04,, eve,,2024-03-01,2024-03-03,2024-03-07 gus,2024-03-06,2024-03-06,,' \
	"$(bounds --roster 2024-03-03=a.csv --roster 2024-03-07=c.csv)"
is 'without a list nothing is inferred' 'bob,,2024-03-02,, dan,,2024-03-04,,' "$(bounds)"
printf '%s\n' '2024-03-05 09:00:00,g,dan,leave' '2024-03-06 09:00:00,g,dan,join' '2024-03-07 09:00:00,g,dan,leave' | cat log.csv - >left.csv
is 'recorded ones have one day each' 'dan,2024-03-06,2024-03-06,2024-03-07,2024-03-07' \
	"$(churn-list --bounds --class left -c user,joined_after,joined,left,left_by left.csv | sed 1d)"
{ cat log.csv && echo '2024-03-05 09:00:00,g,dan,leave'; } >back.csv
for list in b.csv 2024-03-08=b.csv; do
	is "$list: who left and is on the list is back from its moment" '4 4 3 3 3 2 2 3' \
		"$(activity-rate -c members --roster $list back.csv | sed 1d | tr '\n' ' ' | sed 's/ $//')"
done
says '--summary has no people to tell bounds of' "--bounds: --summary" 'churn-list --bounds --summary log.csv'

# Lists as services write them: 0 for who has not left; and one of another group.
printf '%s\n' group,user_id,user_type,join_time,deleted,deleted_time g,ann,2,1709100000,0,0 g,bob,2,1709200000,1,1709456400 >service.csv
is 'a list of a service' 'bob,2024-03-01,2024-03-03,left' \
	"$(churn-list --bounds --class left -c user,joined,left,class --roster service.csv log.csv 2>/dev/null | grep bob)"
sed 's/^g,/h,/' a.csv >h.csv
says 'a list of another group is said' "tells of no group of the input: 'h' is one there, 'g' here" 'activity-rate --roster h.csv log.csv'

# Where a chat has names for ids, a name is a person of its own in each group, on a list too.
printf 'ts,group,name,text\n2024-03-01 09:00:00,tea,ann,a\n2024-03-01 10:00:00,tea,ben,b\n2024-03-01 09:00:00,rice,ann,c\n' >names.csv
printf 'group,%s,role\ntea,ann,\ntea,ben,staff\nrice,ann,\nrice,ben,\nrice,dan,vip\n' user >users.csv
sed 1s/user/name/ users.csv >only.csv
for file in users only; do
	is "$file: a name counts in its group" 'rice,3 tea,1' \
		"$(activity-rate -q -c group,members --roster $file.csv names.csv | sed 1d | tr '\n' ' ' | sed 's/ $//')"
	is "$file: and once for each group in all of them" '4,2' "$(activity-rate -q --total -c members,active --roster $file.csv names.csv | sed 1d)"
	is "$file: who never spoke there is listed there" 'rice,ann,newcomer rice,ben,newcomer rice,dan,newcomer tea,ann,newcomer' \
		"$(churn-list --class newcomer -c group,user,class --roster $file.csv names.csv | sed 1d | sort | tr '\n' ' ' | sed 's/ $//')"
	sed '1s/$/,joined/;2,$s/$/,2024-02-20/' $file.csv >dated.csv
	is "$file: who never spoke has the role of his line" ',3 vip,1' "$(cohort-retention -q --survival --summary --unit member --by role \
		-c role,people --roster dated.csv names.csv | sed 1d | tr '\n' ' ' | sed 's/ $//')"
done

exits 'a wrong date' 2 'activity-rate --roster 2024-03-0x=a.csv log.csv'
says 'is named' '^activity-rate: --roster: cannot read time .2024-03-0x.' 'activity-rate --roster 2024-03-0x=a.csv log.csv'
exits 'a list that is not there' 1 'activity-rate --roster 2024-03-03=none.csv log.csv'
cp a.csv x=a.csv
same 'a file with an equals sign in its name' 'activity-rate --roster a.csv log.csv' 'activity-rate --roster x=a.csv log.csv'
finish
