# Random cases for a program, a line each, from the rows of options.tsv; the same for the same seed.
#     awk -v program=funnel -v seed=7 -v cases=10 -f options.awk options.tsv

function below(n) {
	state = state * 16807 % 2147483647
	return int(state / 2147483647 * n)
}

BEGIN { FS = "\t" }
/^[^#]/ && ($1 == "*" || $1 == program) {
	option[++rows] = $2
	percent[rows] = $3
	values[rows] = NF - 3
	for (i = 4; i <= NF; i++)
		value[rows, i - 3] = $i
}
END {
	state = (seed * 7907 + 15485863) % 2147483646 + 1
	for (i = 0; i < 20; i++)
		below(2)
	for (; cases > 0; cases--) {
		line = ""
		for (i = 1; i <= rows; i++)
			if (below(100) < percent[i])
				line = line (line == "" ? "" : "\t") option[i] "=" value[i, 1 + below(values[i])]
		print line
	}
}
