#!/bin/sh
# More events than memory: the same program as mapper and reducer, with sort as the shuffle. On a
# cluster its own shuffle takes the place of sort; cluster.md has the lines for Hadoop and Spark.
set -eu
cd "$(dirname "$0")/.."
PATH="${QUN_BUILD:-$PWD/build/release}/bin:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Pieces, as they lie on the machines: each with its header.
sed 1d examples/orders.csv | split -l 40 - "$work/piece."
for piece in "$work"/piece.*; do
	{ head -n 1 examples/orders.csv; cat "$piece"; } >"$piece.csv"
done

echo "On one machine, holding one person in memory:"
for piece in "$work"/piece.*.csv; do
	repurchase --period month --partial "$piece"
done | LC_ALL=C sort | repurchase --period month --merge -o table

echo
echo "On several: mappers, a shuffle, two reducers who know all heads, and one who adds up:"
for piece in "$work"/piece.*.csv; do
	repurchase --period month --partial "$piece" >"$piece.lines"
done
cat "$work"/*.lines | grep '^	' >"$work/heads"
for n in 0 1; do
	cat "$work"/*.lines | awk -F '\t' -v n=$n '$1 != "" && length($1) % 2 == n' | LC_ALL=C sort |
		repurchase --period month --merge --partial=report "$work/heads" -
done | repurchase --period month --merge -o table
