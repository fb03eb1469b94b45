#!/bin/sh
# activity-rate against its definition in SQL, over random logs and combinations of options.
. tests/lib.sh
. tests/oracle.sh

# A line is the options of a case; the logs take them in turn.
cat >"$scratch/cases" <<'EOC'
period=day
period=week
period=month tz=America/New_York
period=day tz=Asia/Shanghai talk=1
period=day tz=America/New_York rolling=1
period=day tz=America/Havana lifecycle=1
period=week week_start=sun talk=1 rolling=1 lifecycle=1 tz=Asia/Shanghai
period=7d lifecycle=1
period=14d rolling=1 tz=America/New_York
period=quarter talk=1
period=year lifecycle=1
period=day denominator=end
period=week denominator=end talk=1 lifecycle=1 tz=America/New_York
period=month denominator=end lifecycle=1
period=day denominator=start
period=week denominator=start talk=1 lifecycle=1
period=month denominator=start lifecycle=1 tz=Asia/Shanghai
period=week denominator=mean
period=month denominator=mean talk=1 lifecycle=1
period=week denominator=40 talk=1
period=week denominator=3 lifecycle=1
period=day total=1
period=week total=1 talk=1 rolling=1 lifecycle=1
period=month total=1 denominator=start
period=week total=1 denominator=end lifecycle=1 tz=America/New_York
period=week total=1 denominator=mean tz=Asia/Shanghai
period=month total=1 denominator=2 rolling=1
period=day include_staff=1 talk=1
period=week include_staff=1 talk=1 rolling=1 lifecycle=1 total=1
period=week staff=u1,u4 talk=1 lifecycle=1
period=day as_of=@40
period=week as_of=@55 talk=1 rolling=1 lifecycle=1
period=month as_of=@61 total=1 rolling=1 tz=America/New_York
period=week as_of=@-2 total=1
period=day since=@20 lifecycle=1 rolling=1
period=week since=@20 until=@60 lifecycle=1
period=month until=@50 total=1 lifecycle=1
period=week since=@10 as_of=@75 talk=1 lifecycle=1 denominator=start
period=week where=message talk=1 lifecycle=1
period=day where=order&amount>=80 rolling=1
period=week where=reaction|share talk=1
period=week active=message lifecycle=1
period=month active=view|vote|coupon|system rolling=1 total=1
period=week active=join|leave|message lifecycle=1
period=day group=g1 talk=1
period=week group=g* total=1 talk=1 rolling=1 lifecycle=1
period=month group=群? where=order&amount>=30 denominator=end
period=week group=*3* include_staff=1 talk=1
period=day day_start=04:00 tz=America/New_York talk=1
period=week day_start=06:00 rolling=1 total=1 tz=America/Havana
period=day roster=1 lifecycle=1
period=month roster=1 group=g1
period=week roster=1 denominator=start tz=Asia/Shanghai
period=week roster=1 total=1 denominator=end talk=1
period=day roster=dated
period=week roster=all denominator=start lifecycle=1
period=month roster=dated total=1 denominator=end as_of=@70
period=week lifecycle=1 seen=u1,u3,u4
period=day total=1 lifecycle=1 seen=u2,u5 since=@10
period=week last=30d confidence=0.8 day_start=00:30 tz=America/Havana
period=day no_flood=1
period=week no_flood=1 talk=1 rolling=1 lifecycle=1 total=1
period=day no_flood=1 talk=1 include_staff=1 tz=Asia/Shanghai
period=month no_flood=1 where=message|order&amount>=30 denominator=end
period=week no_flood=1 active=reaction|order event_days=1
period=day event_days=1 tz=America/New_York
period=14d event_days=1 total=1 lifecycle=1
period=month event_days=1 since=@20 day_start=04:00 tz=America/Havana
EOC

oracle_open activity-rate
random_log() {
	oracle_log $1 -v events=$((60 + $1 * 53 % 300)) -v users=$((4 + $1 * 3 % 19)) \
		-v groups=$((1 + $1 % 4)) -v floods=$(($1 % 3 * 8))
}
oracle_rounds "$scratch/cases" 60 5 random_log
oracle_close
finish
