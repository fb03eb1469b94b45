#!/bin/sh
# Whoever cuts the input and however many read it: the same table, messages and status.
. tests/lib.sh

# A log beyond the first megabyte, and what happens to files: quotes, line ends, damage, repeated headers.
awk -f tests/random.awk -v seed=11 -v events=24000 -v users=400 -v groups=9 >"$scratch/plain.csv"
awk 'NR == 1 { header = $0 }
	{ print }
	NR % 997 == 0 { print "2026-03-01T08:00:00Z,g1,u1,\"a \"\"b\"\", c\",message,\"two\nlines\"" }
	NR % 1499 == 0 { print header }
	NR % 1801 == 0 { print "2026-03-01T08:00:00Z,g1,u2" }
	NR % 2203 == 0 { print "yesterday,g1,u2,,message" }
	NR % 3301 == 0 { print "2026-03-01T08:00:00Z,g1,u2,a\"b,message" }
	NR % 4409 == 0 { printf "2026-03-02T08:00:00Z,g2,u3,\377\376,message\r\n" }
	NR % 5003 == 0 { print "" }' "$scratch/plain.csv" >"$scratch/rough.csv"
chat-cat -o ndjson "$scratch/plain.csv" >"$scratch/plain.ndjson"
awk '{ print }
	NR % 997 == 0 { print "{\"ts\":\"2026-03-01T08:00:00Z\",\"group\":\"g1\",\"user\":\"u\\u0031\",\"type\":\"message\",\"text\":\"a\\nb\"}" }
	NR % 1801 == 0 { print "{\"ts\":\"2026-03-01T08:00:00Z\",\"group\":\"g1\",\"user\":\"u2\",}" }
	NR % 2203 == 0 { print "{\"ts\":\"yesterday\",\"group\":\"g1\",\"user\":\"u2\"}" }
	NR % 3301 == 0 { print "{\"ts\":\"2026-03-01T08:00:00Z\",\"group\":\"g1\",\"user\":\"u2\",\"user\":\"u3\"}" }
	NR % 4409 == 0 { printf "{\"ts\":\"2026-03-01T08:00:00Z\",\"x\":[{}],\"user\":\"\377\"}\r\n" }
	NR % 5003 == 0 { print "" }' "$scratch/plain.ndjson" >"$scratch/rough.ndjson"
{
	printf '{"name":"a","messages":['
	sed 's/$/,/; $s/,$//' "$scratch/plain.ndjson"
	printf ']}\n'
} >"$scratch/nested.json"

# Telegram: names that lead to ids only further on, or to several; more changes of members than are held
# back; chats one behind another, told of behind their messages, or in documents of their own.
cat >"$scratch/telegram.awk" <<'EOF'
function service(i, action, n,   list) {
	while (n-- > 0)
		list = list (list ? "," : "") "\"n" (i * 31 + n * 7) % 997 "\""
	return sprintf("\"type\":\"service\",\"actor\":\"n%d\",\"actor_id\":\"user%d\",\"action\":\"%s\",\"members\":[%s]",
		i % 89, i % 89, action, list)
}
function message(i,   n) {
	n = i * i % int(i / 32 + 2) # ever more of them
	return sprintf("\"type\":\"message\",\"from\":\"n%d\",\"from_id\":\"user%d\",\"text\":%s", n, n + (i % 251 == 0),
		i % 17 ? "\"t\\u00e9xt " i "\"" : "[\"a\",{\"type\":\"bold\",\"text\":\"b\"}]")
}
function row(i,   time) {
	time = i % 701 ? sprintf("\"date\":\"2026-01-05T01:01:18\",\"date_unixtime\":\"%d\",", 1767546078 + i * 300) : ""
	if (i > 16000 && i % 907 == 0) # the first megabyte decides what the file is
		return "{\"id\":" i ",}"
	if (i % 1201 == 0)
		return "{\"id\":" i "," time "\"type\":\"message\",\"from\":\"\\x41\",\"from_id\":\"user7\"}"
	return "{\"id\":" i "," time (i % 11 ? message(i) : \
		service(i, i % 7 ? i % 5 ? "invite_members" : "join_group_by_link" : "remove_members", members)) "}"
}
function rows(from, n,   i) {
	for (i = from; i < from + n; i++)
		print row(i) (i + 1 < from + n ? "," : "")
}
BEGIN {
	if (account) {
		print "{\"about\":\"x\",\"chats\":{\"list\":["
		for (c = 0; c < 24; c++) {
			print (c ? "," : "") "{\"name\":\"c\",\"type\":\"private_group\",\"id\":" c ",\"messages\":["
			rows(c * 2000, c % 3 ? 2000 : 50)
			print "]}"
		}
		print "]}}"
		exit
	}
	print "{\"name\":\"c\",\"type\":\"private_group\",\"id\":1,\"messages\":["
	rows(1, 20000)
	print "]}\n{\"name\":\"d\",\"messages\":["
	rows(20001, 2000)
	print "],\"id\":2}\n{\"id\":3,\"messages\":["
	rows(22001, 9000)
	print "],\"id\":4}"
}
EOF
awk -v members=3 -f "$scratch/telegram.awk" >"$scratch/chats.json"
awk -v members=60 -f "$scratch/telegram.awk" >"$scratch/many.json"
awk -v members=3 -v account=1 -f "$scratch/telegram.awk" >"$scratch/account.json"

# Formats that remember nothing: two channels of Discord, and a bill with its footer.
awk 'BEGIN {
	for (c = 1; c <= 2; c++) {
		printf "{\"guild\":{\"id\":\"1\"},\"channel\":{\"id\":\"c%d\"},\"messages\":[", c
		for (i = c; i < c * 6000; i++)
			printf "%s\n{\"id\":\"%d\",\"type\":\"%s\",\"timestamp\":\"2026-03-%02dT08:%02d:00+00:00\",\"content\":\"a\\n%d\",\"author\":{\"id\":\"%d\",\"name\":\"n\",\"nickname\":\"m\",\"isBot\":false},\"mentions\":[]}",
				(i == c ? "" : ","), i, i % 41 ? "Default" : "GuildMemberJoin", i / 450 + 1, i % 60, i, i % 307
		printf "],\"messageCount\":%d}\n", i
	}
}' >"$scratch/discord.json"
awk 'BEGIN {
	print "支付宝账单\n\n交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,收/付款方式,交易状态,交易订单号,商家订单号,备注"
	for (i = 0; i < 16000; i++)
		printf "2026-03-%02d 08:%02d:%02d,日用百货,店%d,a%d@b.c,\"纸,%d\",%s,%d.%s,余额,%s,2026%08d%s,M%d,\n", i / 600 + 1, i / 60 % 60,
			i % 60, i % 211, i % 211, i, i % 23 ? "支出" : "不计收支", i % 90 + 1, i % 997 ? "50" : "5x", i % 23 ? "交易成功" : "退款成功",
			i - (i % 23 == 0), i % 23 ? "" : "_1", i
	print "------\n共16000笔记录"
}' >"$scratch/bill.csv"

try() { # COMMAND: all it says but who read it, and its status
	sh -c "$1" >"$scratch/all" 2>&1
	echo "exit $?" >>"$scratch/all"
	grep -v ' of them needed libcsv or jansson$' "$scratch/all" >"$scratch/out"
}

check() { # COMMAND, which takes its reader and threads from $how
	export how='--reader reference -j 1'
	try "$1"
	mv "$scratch/out" "$scratch/expected"
	for how in '-j 1' '-j 2' '-j 7'; do
		try "$1"
		if cmp -s "$scratch/expected" "$scratch/out"; then pass "$1 $how" | sed "s|$scratch/||"; else
			fail "$1 $how" | sed "s|$scratch/||"
			diff "$scratch/expected" "$scratch/out" | sed 's/^/#   /' | head -n 10
		fi
		tests_run=$((tests_run + 1))
	done
}

for file in plain.csv rough.csv plain.ndjson rough.ndjson nested.json; do
	for command in 'cohort-retention --by group' 'activity-rate --unit member -v' 'repurchase --skip-bad --collapse 1d' \
		'churn-list --skip-bad=1% -v' "funnel --steps join,message,order --skip-bad -v --rejects $scratch/rejects"; do
		check "$command \$how $scratch/$file"
	done
	check "cat $scratch/$file | cohort-retention --value amount --skip-bad -v \$how"
	check "gzip -c $scratch/$file | activity-rate --group 'g[1-4]' --where 'message & text~a' --skip-bad -v \$how"
done
for file in discord.json bill.csv; do
	for command in 'cohort-retention --by group --skip-bad -v' 'churn-list --skip-bad' 'repurchase --skip-bad -v'; do
		check "$command \$how $scratch/$file"
	done
done
for file in chats.json many.json account.json; do
	for command in 'cohort-retention --by group' 'activity-rate --unit member --skip-bad -v' 'churn-list --skip-bad' \
		"funnel --steps join,message,leave --by group --skip-bad -v --rejects $scratch/rejects"; do
		check "$command \$how $scratch/$file"
	done
done
check "funnel --steps join,message,order --skip-bad --rejects $scratch/rejects \$how $scratch/rough.csv; cat $scratch/rejects"
check "gzip -c $scratch/rough.csv | head -c 230000 | cohort-retention -v \$how"
check "cohort-retention --map ts=when \$how $scratch/plain.csv"
check "cohort-retention --by citty \$how $scratch/plain.csv"
check "activity-rate --where 'type=mesage' \$how $scratch/plain.csv"

# The rows by which the format is told, and those behind them: the same things there, and headers among them.
awk 'NR == 1 { header = $0 }
	{ print }
	NR % 97 == 0 { print header }
	NR % 61 == 0 { print "2026-03-01T08:00:00Z,g1,u1,\"a \"\"b\"\", c\",message,\"two\nlines\",,,,,,,,\r" }
	NR % 151 == 0 { print "2026-03-01T08:00:00Z,g1,u2\n\n2026-03-01T08:00:00Z,g1,u2,,message,,,,,,,,,,,,more" }
	NR > 900 || NR % 89 == 0 { print "2026-03-02T08:00:00Z,g2,u3,\377\376,message,,,,,,,," }' "$scratch/plain.csv" |
	head -n 1500 >"$scratch/early.csv"
awk 'BEGIN {
	for (i = 0; i < 1500; i++) {
		if (i % 97 == 0)
			print "ts,group,user,name,type"
		print "2026-03-02T08:00:00Z,g" i % 7 ",u" i % 50 "," (i > 993 ? "\377\376" : "") ",message"
	}
}' >"$scratch/later.csv"
for file in early.csv later.csv; do
	check "cohort-retention --by group --skip-bad -v \$how $scratch/$file"
	check "chat-cat --skip-bad --rejects $scratch/rejects \$how $scratch/$file; cat $scratch/rejects"
done

# 20 000 rows, of which two are torn: they and those behind them are what libcsv is asked for.
awk 'BEGIN {
	print "ts,group,user,type,text"
	for (i = 0; i < 20000; i++)
		printf "2026-03-%02dT09:00:00Z,g,u%d,message,%s\n", i % 28 + 1, i % 500,
			i % 9000 == 8999 ? "torn \"quotes" : "\"a, \"\"b\"\"\""
}' >"$scratch/torn.csv"
for how in '--reader fast -j 1' '--reader fast -j 2'; do
	says "few records need libcsv: $how" ': 4 of them needed libcsv or jansson$' "cohort-retention -v --skip-bad $how $scratch/torn.csv"
done
same 'what is read later needs jansson once' "cohort-retention -v --skip-bad -j 1 $scratch/chats.json 2>&1" \
	"cohort-retention -v --skip-bad -j 2 $scratch/chats.json 2>&1"
finish
