#!/bin/sh
# churn-list against its definition in SQL, over random logs and combinations of options.
. tests/lib.sh
. tests/oracle.sh

all=left,newcomer,buyer-silent,benefits-only,never-spoke,silent,cooling

# A line is the options of a case; the logs take them in turn.
cat >"$scratch/cases" <<EOC
silent=30d
class=$all
class=$all silent=7d
class=$all silent=auto
class=$all silent=7d roster=1
class=$all tz=Asia/Shanghai
class=$all silent=14d tz=America/New_York
class=left,newcomer
class=left silent=7d include_staff=1
class=newcomer newcomer=21d
class=$all newcomer=3d as_of=@60
silent=7d
silent=7d overdue=1
class=cooling overdue=0.5
class=$all overdue=2.5 silent=auto
silent=7d winback=1
class=$all winback=1 tz=Asia/Shanghai
silent=7d cleanup=1
class=never-spoke,silent,benefits-only cleanup=1 roster=1
silent=7d quota=2
class=$all silent=7d where=message
class=$all silent=7d where=message|order&amount>=40
silent=7d cleanup=1 include_staff=1
class=$all silent=7d refund=drop
class=$all silent=7d zero_ok=1
class=$all silent=7d group=g*
silent=7d group=群* winback=1
class=$all quota=1 as_of=@70
class=buyer-silent silent=7d
class=benefits-only
class=never-spoke,benefits-only roster=1 tz=America/New_York
class=$all as_of=@45 silent=7d
class=$all as_of=@33 tz=America/New_York
class=$all as_of=@-3
class=$all staff=u3,u7
class=$all include_staff=1 roster=1 as_of=@55
silent=7d floor=0.5
class=$all floor=0.8 silent=7d
class=$all floor=0.3 as_of=@60 tz=Asia/Shanghai
silent=14d winback=1 quota=3
class=$all silent=7d active=message
class=$all silent=auto overdue=2 as_of=@80
summary=1
summary=1 class=$all silent=7d roster=1
summary=1 winback=1 quota=1 confidence=0.9
summary=1 floor=0.6 silent=auto as_of=@60
class=$all bounds=1 roster=dated
class=$all bounds=1 roster=all silent=7d as_of=@75
class=left bounds=1 tz=America/New_York day_start=23:30
class=$all newcomer=36h silent=14 where=message|order&text!~好
EOC

oracle_open churn-list
random_log() {
	oracle_log $1 -v events=$((60 + $1 * 37 % 300)) -v users=$((4 + $1 * 5 % 29)) \
		-v groups=$((1 + $1 % 3)) -v orders=$(($1 % 3 * 5))
}
oracle_rounds "$scratch/cases" 60 6 random_log
oracle_close 4
finish
