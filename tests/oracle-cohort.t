#!/bin/sh
# cohort-retention against its definition in SQL, over random logs and combinations of options.
. tests/lib.sh
. tests/oracle.sh

# A line is the options of a case; the logs take them in turn.
cat >"$scratch/cases" <<'EOC'
period=week
period=day tz=Asia/Shanghai
period=month tz=America/New_York
period=7d
period=14d unit=member tz=Asia/Shanghai
period=quarter unit=member
period=year tz=America/New_York
period=week week_start=sun tz=America/New_York
period=week unit=member by=group tz=Asia/Shanghai
period=week by=source tz=America/New_York
period=month by=role include_staff=1
period=week by=role unit=member
period=week by=product birth=order return=order
period=month by=city tz=Asia/Shanghai
period=week by=group,source
period=month by=source,city unit=member
period=week birth=join
period=week birth=join by=source
period=month birth=join by=city unit=member
period=week birth=join return=message unit=member tz=America/New_York
period=month birth=order return=order tz=Asia/Shanghai
period=week birth=order return=order&amount>=60
period=month birth=order&amount>=100 return=message|order
period=week birth=message return=message|reaction
period=day birth=message clock=elapsed return=message tz=America/Havana
period=week mode=after
period=day mode=after clock=elapsed
period=month mode=after min_events=2
period=week mode=before return=message
period=week mode=before clock=elapsed by=group
period=week mode=streak
period=week mode=streak clock=elapsed unit=member
period=day mode=streak tz=America/Havana
period=week clock=elapsed
period=day clock=elapsed tz=America/New_York
period=10d clock=elapsed unit=member by=group
period=week clock=elapsed cohorts=recurring
period=week cohorts=recurring
period=month cohorts=recurring by=source unit=member
period=week cohorts=recurring birth=order return=order by=product
period=week min_events=2
period=week min_events=3 clock=elapsed return=message
period=week mode=bracket
period=day mode=bracket brackets=0,1-3,4-10,11-40 by=group
period=month mode=bracket clock=calendar unit=member tz=America/New_York periods=2
period=week mode=bracket clock=elapsed return=message
period=week mode=bracket cohorts=recurring min_events=2 brackets=1-7,8
period=30d since=@7 until=@70
period=week mode=member
period=month mode=member unit=member tz=America/New_York
period=day mode=member by=source
period=week mode=member by=group,source removed=churn
period=week mode=member removed=churn tz=Asia/Shanghai
period=week mode=member clock=elapsed unit=member
period=week mode=member include_staff=1 by=city
period=month mode=member as_of=@55
period=day mode=member rejoin=3d unit=member
period=week mode=member rejoin=21d
period=week since=@20
period=week until=@45 birth=join
period=week since=@15 until=@60 unit=member by=group
period=month since=@30 mode=after
period=week as_of=@60
period=week as_of=@40 clock=elapsed tz=America/New_York
period=month as_of=@70 mode=before by=group
period=day as_of=@33 tz=Asia/Shanghai
period=week as_of=@-3
period=week where=message|order
period=week where=message|order birth=order return=order by=product
period=month where=order&amount>=50
period=week where=message mode=member
period=week where=message|order birth=join
period=week active=message
period=month active=view|vote|coupon unit=member
period=week include_staff=1
period=week group=g1
period=week group=g* birth=order return=order by=product
period=month group=?1 mode=member
period=week by=product
period=day by=city clock=elapsed mode=before
period=week include_staff=1 by=role,group
period=week staff=u3,u7
period=week day_start=04:00 tz=Asia/Shanghai
period=day day_start=04:00 mode=after tz=America/New_York by=source
period=10d cohorts=recurring by=source,city
period=week roster=1 by=role include_staff=1
period=week roster=1 mode=member unit=member
period=month roster=1 mode=member by=group
period=week roster=1 group=g* by=source
period=week periods=3
period=week periods=2 mode=streak
period=week until=@50 as_of=@65 by=role
period=week value=amount
period=month birth=order return=order value=amount average=pooled
period=week birth=order return=order value=amount mode=after tz=Asia/Shanghai
period=week birth=order return=order value=amount mode=before by=product zero_ok=1
period=week value=amount mode=streak return=order|redpacket unit=member
period=week value=amount mode=bracket return=order average=simple
period=week value=amount min_events=2 mode=before
period=day value=amount clock=elapsed mode=after return=order by=group
period=week value=amount clock=elapsed mode=streak min_events=2 return=message|order
period=10d value=amount cohorts=recurring return=order average=pooled
period=week value=amount mode=bracket clock=elapsed brackets=0,3-9,1-20 return=order
period=week average=pooled
period=week average=simple by=group
period=day average=simple mode=before tz=America/New_York
period=week average=pooled mode=streak by=role
period=week average=pooled cohorts=recurring
period=week average=pooled mode=member unit=member by=source
period=week average=simple mode=member removed=churn since=@20
period=10d average=simple clock=elapsed
period=week average=pooled birth=join periods=3
period=week average=simple seen=u1,u3,u5
period=week seen=u2,u4,u6 mode=before by=city
period=week seen=u2,u3 birth=join
period=week seen=u2,u3 cohorts=recurring periods=2
period=week seen=u1,u2 birth=order return=order unit=member average=pooled
period=week wide=1
period=week wide=1 average=pooled by=group
period=month wide=1 average=simple by=source,role,city
period=week wide=1 mode=bracket brackets=0-2,3,4-9
period=week roster=dated mode=member by=group
period=month roster=all mode=member unit=member
period=day roster=dated by=role since=@30
period=week by=user birth=order return=order
period=week by=name,ref birth=order where=role!=vip
period=month last=40d confidence=0.99
period=10d last=900h as_of=@70 day_start=23:45
period=week people=%1:1
period=week people=%0:0 unit=member
period=week people=%2:2 lost=1
period=week people=%1:2-6 mode=bracket by=group
period=week people=%1:2 mode=member unit=member lost=1
period=week people=%0:3 mode=after clock=elapsed by=source
period=week people=%3:1 cohorts=recurring unit=member lost=1 by=role
EOC

# %2 -> the Monday of the log's third week
monday() { sqlite3 :memory: "SELECT date('$oracle_first', '-6 days', 'weekday 1', '$((7 * $1)) days')"; }

oracle_open cohort-retention
random_log() {
	oracle_log $1 -v events=$((60 + $1 * 37 % 300)) -v users=$((4 + $1 * 5 % 17)) \
		-v groups=$((1 + $1 % 4))
}
oracle_line() {
	case $1 in
	*%*)
		rest=${1#*%}
		echo "${1%%\%*}$(monday "${rest%%:*}"):${rest#*:}" ;;
	*) echo "$1" ;;
	esac
}
oracle_rounds "$scratch/cases" 60 7 random_log
oracle_close
finish
