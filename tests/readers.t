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

try() { # COMMAND: all it says, and its status
	sh -c "$1" >"$scratch/out" 2>&1
	echo "exit $?" >>"$scratch/out"
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
check "funnel --steps join,message,order --skip-bad --rejects $scratch/rejects \$how $scratch/rough.csv; cat $scratch/rejects"
check "gzip -c $scratch/rough.csv | head -c 230000 | cohort-retention -v \$how"
check "cohort-retention --map ts=when \$how $scratch/plain.csv"
check "cohort-retention --by citty \$how $scratch/plain.csv"
check "activity-rate --where 'type=mesage' \$how $scratch/plain.csv"
finish
