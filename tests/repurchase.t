#!/bin/sh
# repurchase against its definition in SQL, over random logs and combinations of options.
. tests/lib.sh
. tests/oracle.sh

# A line is the options of a case; the logs take them in turn.
cat >"$scratch/cases" <<'EOC'
period=all
period=month
period=week tz=Asia/Shanghai
period=quarter tz=America/New_York
period=all within=7,30,60
period=week within=7,30 tz=America/New_York
period=month within=30 by=group
period=all by=group
period=week by=group tz=Asia/Shanghai
period=month by=product
period=all by=product within=7,30,60
period=week by=product refund=drop
period=all by=product refund=ignore
period=month by=product zero_ok=1
period=all by=source
period=month by=source unit=member
period=all by=role
period=week by=role include_staff=1
period=all by=city
period=month by=city unit=member
period=all by=product,city
period=month by=city,group refund=ignore
period=all by=group,product
period=month by=source,product
period=month collapse=day
period=all collapse=day by=product
period=week collapse=day by=group tz=America/New_York
period=all collapse=day within=7,30 tz=Asia/Shanghai
period=month refund=drop
period=week refund=ignore
period=month zero_ok=1
period=all zero_ok=1 by=group
period=month zero_ok=1 refund=ignore collapse=day
period=all since=@20
period=all since=@20 until=@60 by=group within=7
period=month since=@15
period=week since=@15 until=@60 by=product
period=week until=@45 within=7,30
period=all as_of=@60 within=7,30,60
period=month as_of=@70
period=week as_of=@33 tz=America/New_York
period=all as_of=@-3
period=month unit=member
period=all unit=member within=30 by=source
period=all where=order&amount>=10
period=week where=order&amount>=50 by=product
period=month where=order&amount>=30 refund=ignore
period=all where=message
period=month seen=u1,u3 within=14,60
period=all seen=u2,u4 by=group
period=all within=1,2,3,4,5 confidence=0.9
period=week by=source,role,city last=6w
period=month include_staff=1
period=all staff=u3,u7
period=day since=@10 until=@30
period=7d by=city
period=week week_start=sun
period=year
period=month group=g*
period=all by=group,product group=群*
period=week by=source group=g1
EOC

oracle_open repurchase
random_log() {
	oracle_log $1 -v events=$((60 + $1 * 37 % 300)) -v users=$((4 + $1 * 5 % 9)) \
		-v groups=$((1 + $1 % 4)) -v orders=$(($1 % 3 * 25)) -v days=$((30 + $1 % 3 * 30))
}
oracle_rounds "$scratch/cases" 60 5 random_log
oracle_close 4

# --seen: who bought before the log is new in no period.
printf '%s\n' ts,user,type,order_id,amount '2026-01-05 09:00:00,ann,order,1,5' '2026-01-06 09:00:00,bob,order,2,5' \
	'2026-02-14 09:00:00,ann,order,3,5' '2026-03-14 09:00:00,cai,order,4,5' >"$scratch/shop.csv"
is "--seen: bought before" "2026-01-01,1,1,0,1,0,0
2026-02-01,0,1,1,0,0,0
2026-03-01,1,0,0,0,0,0" "$(repurchase -q --period month --within 60 --seen ann \
	-c period,new_buyers,returning_buyers,repeat_orders,again_60d_base,again_60d,truncated "$scratch/shop.csv" | sed 1d)"

# Who only talks is nobody to the table, but what he talks in may tell a role; -v looks at everybody.
awk -v seed=5 -v events=600 -v users=30 -v groups=3 -v floods=5 -f tests/random.awk >"$scratch/log.csv"
for options in '' '--by role' '--by source' '--group g*' '--rfm' '--include-staff --ladder'; do
	same "repurchase $options: the same with -v" "repurchase $options $scratch/log.csv" "repurchase -v $options $scratch/log.csv"
done
finish
