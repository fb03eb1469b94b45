#!/bin/sh
# funnel against its definition in SQL, over random logs and combinations of options.
. tests/lib.sh
. tests/oracle.sh

# A line is the options of a case; the logs take them in turn.
cat >"$scratch/cases" <<'EOC'
steps=join,message,order
steps=join,message,order window=1d
steps=join,message,click,order window=none
step=message step=order&amount>=30
step=hello=message step=click|share step=paid=order&amount>=20 window=14d
steps=message,message,message
steps=message,message|reaction,message window=none
steps=message,message|click,click|order,message|order window=3d
steps=message,order order=strict window=none
steps=message,message|reaction,click,order order=strict window=14d
steps=join,message,message|click order=strict
steps=join,message,click,order order=any window=none
steps=message,message|click,click|order,message|order order=any window=7d
steps=join|message,order,message|order order=any window=21d by=source
steps=join,message,click gap=1d
steps=message,message|order,click|message,message gap=2d window=none
steps=message,click|message,order gap=36h window=5d order=strict
steps=join,message,order exclude=leave
steps=message,message,click exclude=order window=none
steps=message,message|click,order exclude=share|leave order=strict window=14d
steps=message,click,order exclude=leave order=any
steps=order,order,order hold=product window=none
steps=order|message,order|message,order|click hold=city window=14d
steps=message,message|click,order hold=group gap=3d window=none
steps=message,message,order|reaction hold=city order=strict window=none
steps=message|order,message|order,click|order hold=city order=any window=none
steps=join,message count=entries
steps=message,message|order,order count=entries window=3d
steps=message,message|reaction,click order=any count=entries window=2d by=city
steps=join,message,order mature=1
steps=message,click,order mature=1 window=14d exclude=leave
steps=message,order mature=1 count=entries as_of=@60
steps=join,message,order by=group
steps=message,order,order by=group window=none
steps=join,message,order by=source window=14d
steps=join|message,click|order by=source window=3d
steps=join,message|order,leave by=source,group window=none
steps=message,message|order,order by=source unit=member
steps=order,order,message by=product window=none
steps=order,message|order by=product,city order=any
steps=message,order by=role window=14d
steps=message,order by=role include_staff=1 window=30d
steps=message,click,order by=city window=21d
steps=message,message,order by=group,city gap=4d
steps=join,message,order windows=1d,none,14d
steps=message,order windows=2d,12h by=source,group
steps=message,order windows=7d,none list=2:dropped
steps=message,order windows=7d,2w levels=1 unit=member
steps=message,click|message,order clickhouse=default window=none
steps=message,message|click,order clickhouse=strict_deduplication
steps=message,click,order|message clickhouse=strict_order window=14d by=group
steps=message,message,order clickhouse=strict_increase windows=1d,30d
steps=message|order,message|click,click|order clickhouse=strict_once window=2d
steps=message,message|click,order clickhouse=strict_once,strict_order window=20d by=role
steps=message,click,message clickhouse=strict_order,allow_reentry levels=1
steps=message,message,order clickhouse=strict_once,strict_deduplication,strict_increase since=@20
steps=message|order,order|message hold=user window=none
steps=order,message by=user where=role!=vip
steps=message,order list=order:reached count=entries
steps=join,message,order levels=1
steps=message,message|click,order levels=1 order=any window=none
steps=message,message,order levels=1 mature=1 window=14d
steps=message,message|click,order levels=1 unit=member order=strict
steps=message,order levels=1 by=group since=@15
steps=message,message,order list=2:dropped
steps=message,message|click,order list=3:reached window=none
steps=message,click,order list=2:pending window=30d
steps=message,order list=2:reached by=group window=14d
steps=message,order list=2:dropped by=source
steps=join,message,order unit=member
steps=message,message,order since=@20
steps=message,click|order,message since=@20 until=@50 window=30d
steps=message,order as_of=@55 window=20d
steps=join,message,order as_of=@-3
steps=message,order,message|click as_of=@50 since=@10 order=any by=group
steps=message,message,order where=message|order
step=message step=order&product=tea window=none
step=order&product!=tea step=order&amount<60 step=message window=none
step=join&source=qr step=message window=30d
steps=leave,join,message window=none
steps=join,leave,join window=none order=strict
steps=message,order staff=u3,u7 window=none
steps=message,order,order zero_ok=1 refund=ignore window=none
steps=order,order refund=drop window=30d
steps=message,vote|coupon window=none
steps=message,sale
steps=message,order|message group=g*
steps=message,click,order group=群* by=group window=30d
steps=message,order group=g* levels=1
EOC

oracle_open funnel
random_log() {
	oracle_log $1 -v events=$((40 + $1 * 37 % 160)) -v users=$((4 + $1 * 5 % 13)) \
		-v groups=$((1 + $1 % 3)) -v orders=$(($1 % 3 * 15)) -v days=$((16 + $1 % 4 * 24))
}
oracle_rounds "$scratch/cases" 60 6 random_log
oracle_close 4

# Who met no step is nobody to the table, but what he did may tell a role; -v looks at everybody.
awk -v seed=5 -v events=600 -v users=30 -v groups=3 -v floods=5 -f tests/random.awk >"$scratch/log.csv"
for options in '' '--by role' '--by source' '--group g*' '--list 2:dropped' '--levels' '--exclude leave'; do
	same "funnel $options: the same with -v" "funnel --steps join,order $options $scratch/log.csv" \
		"funnel -v --steps join,order $options $scratch/log.csv"
done
finish
