# The records of a CSV in another order and in several files, each with the header: TO/1.csv … .
#
#     awk -f shuffle.awk -v seed=7 -v to=FOLDER [-v parts=5] [-v again=30] [-v loose=1] log.csv
#
# Equal records stay in one file, as they come from one source, unless loose=1. again=30 puts 30 % of
# the records into one more file, once.

function below(n) {
	state = state * 16807 % 2147483647
	return int(state / 2147483647 * n)
}
# A record ends where its quotes are closed.
{
	record = open ? record "\n" $0 : $0
	open = (open + gsub(/"/, "\"")) % 2
}
!open && header == "" { header = record; next }
!open { row[n++] = record }
END {
	state = (seed * 7919 + 104729) % 2147483646 + 1
	for (i = 0; i < 20; i++)
		below(2)
	parts = parts ? parts : 1
	for (i = 1; i <= parts; i++)
		print header >(to "/" i ".csv")
	for (i = n - 1; i > 0; i--) {
		k = below(i + 1)
		record = row[i]
		row[i] = row[k]
		row[k] = record
	}
	for (i = 0; i < n; i++) {
		record = row[i]
		if (loose || !(record in part)) {
			part[record] = 1 + below(parts)
			other[record] = below(100) < again ? 1 + below(parts) : 0
		}
		print record >(to "/" part[record] ".csv")
		if (other[record] && other[record] != part[record])
			print record >(to "/" other[record] ".csv")
		other[record] = 0
	}
}
