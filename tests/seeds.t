#!/bin/sh
# Figures of the field that the programs must give: a group of 300 with 36, 63 and 138 talkers, 100
# orders with 30 repeats, 1 000 buyers with 300 in the next month. Through the programs, from files.
. tests/lib.sh

# Wilson's interval, 95 %, of x out of n, from its formula.
wilson() {
	awk -v x="$1" -v n="$2" 'BEGIN {
		z = 1.959963984540054
		d = 1 + z * z / n
		m = (x / n + z * z / (2 * n)) / d
		h = z * sqrt(x * (n - x) / n ^ 3 + z * z / (4 * n * n)) / d
		printf "%.6f,%.6f", m - h, m + h
	}'
}

# An ordinary day, an event day and one with an auction, in that order; the first of May is the joins'.
awk 'BEGIN {
	print "ts,group,user,type"
	for (i = 1; i <= 300; i++)
		printf "2026-05-01 08:%02d:%02d,g,m%03d,join\n", i / 60, i % 60, i
	split("36 63 138", talkers, " ")
	for (d = 1; d <= 3; d++)
		for (i = 1; i <= talkers[d]; i++)
			for (k = 0; k < 1 + i % 3; k++)
				printf "2026-05-%02d %02d:00:00,g,m%03d,message\n", d + 1, 9 + k, (i * 7 + d * 50) % 300 + 1
}' >"$scratch/talk.csv"
printf '2026-05-03,event\n2026-05-04,auction\n' | sed '1i date,label' >"$scratch/days.csv"
talk="activity-rate --since 2026-05-02 --as-of 2026-05-04 --event-days $scratch/days.csv"
is "36, 63 and 138 talkers of 300 are 12, 21 and 46 %" "period,members,active,rate,lo,hi,talkers,event,complete
2026-05-02,300,36,0.120000,$(wilson 36 300),36,,1
2026-05-03,300,63,0.210000,$(wilson 63 300),63,event,1
2026-05-04,300,138,0.460000,$(wilson 138 300),138,auction,1" \
	"$($talk -c period,members,active,rate,lo,hi,talkers,event,complete "$scratch/talk.csv")"
is "people read 12, 21 and 46 %" "12.0 % 21.0 % 46.0 % " \
	"$($talk -o table -c rate "$scratch/talk.csv" | sed 1,2d | tr '\n' ' ')"
# The members may as well come from a list, and the talk from people of whom no join is known.
{
	echo group,user
	awk -F, '$4 == "join" { print "g," $3 }' "$scratch/talk.csv"
} >"$scratch/list.csv"
grep -v join "$scratch/talk.csv" >"$scratch/bare.csv"
is "also with a member list" "0.120000 0.210000 0.460000 " \
	"$($talk --roster "$scratch/list.csv" -c rate "$scratch/bare.csv" 2>/dev/null | sed 1d | tr '\n' ' ')"
# Of both event days the mean. Student's interval of one degree of freedom, 12.706205 times the root of
# 0.03125 (1/2 + 1) to either side, goes as far as a difference of rates can.
is "the days apart" "event,days,rate,ordinary_days,ordinary_rate,difference,lo,hi
auction,1,0.460000,1,0.120000,0.340000,,
event,1,0.210000,1,0.120000,0.090000,,
all,2,0.335000,1,0.120000,0.215000,-1.000000,1.000000" \
	"$($talk --summary -c event,days,rate,ordinary_days,ordinary_rate,difference,lo,hi "$scratch/talk.csv" 2>/dev/null)"

# 70 buyers with one order each, 30 of them with a second one.
awk 'BEGIN {
	print "ts,user,order_id,amount,type"
	for (i = 1; i <= 100; i++)
		printf "2026-06-%02d 10:00:00,b%02d,o%03d,%d.50,order\n", 1 + i % 28, i <= 70 ? i : i - 70, i, 10 + i % 9
}' >"$scratch/orders.csv"
is "30 repeats of 100 orders are 30 %" "buyers,orders,repeat_orders,repeat_order_rate
70,100,30,0.300000" "$(repurchase -c buyers,orders,repeat_orders,repeat_order_rate "$scratch/orders.csv")"
is "and 30 of 70 buyers are 42.9 %, which is another number" "repeat_buyers,repeat_rate,lo,hi
30,0.428571,$(wilson 30 70)" "$(repurchase -c repeat_buyers,repeat_rate,lo,hi "$scratch/orders.csv")"

# January and February whole; 300 of the buyers of January, and 200 new ones, buy in February.
awk 'BEGIN {
	print "ts,user,order_id,amount,type"
	for (i = 1; i <= 1000; i++)
		printf "2026-01-%02d 10:00:00,b%04d,j%d,20,order\n", 1 + i % 31, i, i
	for (i = 701; i <= 1200; i++)
		printf "2026-02-%02d 10:00:00,b%04d,f%d,20,order\n", 1 + i % 28, i, i
}' >"$scratch/months.csv"
is "300 of 1 000 buyers buy in the next month: 30 %" "period,buyers,next_base,next_buyers,next_rate,next_lo,next_hi
2026-01-01,1000,1000,300,0.300000,$(wilson 300 1000)
2026-02-01,500,,,,," \
	"$(repurchase --period month --as-of 2026-02-28 -c period,buyers,next_base,next_buyers,next_rate,next_lo,next_hi "$scratch/months.csv")"
is "nothing is said before February is over" "2026-01-01,,," \
	"$(repurchase --period month --as-of 2026-02-27 -c period,next_base,next_buyers,next_rate "$scratch/months.csv" | sed -n 2p)"
is "cohort-retention says the same of January" "2026-01-01,1000,1,1000,300,0.300000,1" \
	"$(cohort-retention --period month --birth order --return order --as-of 2026-02-28 \
		-c cohort,size,offset,eligible,retained,rate,complete "$scratch/months.csv" | sed -n 3p)"
finish
