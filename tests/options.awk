# Random cases for a program, a line each, from the rows of options.tsv; the same for the same seed. The
# values of an option take turns, so that each is in some case. name!a!b is an option that does not go
# with a or b, which come before it; a value "1 + lost=1" brings a further option.
#     awk -v program=funnel -v seed=7 -v cases=10 -f options.awk options.tsv

function below(n) {
	state = state * 16807 % 2147483647
	return int(state / 2147483647 * n)
}

BEGIN { FS = "\t" }
# Is an option that this one does not go with in the line?
function clashes(i, line,   k, n, other) {
	n = split(option[i], other, "!")
	for (k = 2; k <= n; k++)
		if (index("\t" line, "\t" other[k] "="))
			return 1
	return 0
}
function words(i,   name, text) {
	name = option[i]
	sub(/!.*/, "", name)
	text = name "=" value[i, 1 + turn[i]++ % values[i]]
	gsub(/ \+ /, "\t", text)
	return text
}

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
			if (below(100) < percent[i] && !clashes(i, line))
				line = line (line == "" ? "" : "\t") words(i)
		print line
	}
}
