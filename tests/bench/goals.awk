# The figures of `goals` beside what was measured: awk -v mb=BENCH_MB -f goals.awk MEDIANS goals
function value(id) {
	return what == "wall" ? wall[id] : what == "cpu" ? cpu[id] : kib[id] / 1024
}
function measured(id) {
	return id == "" || id in wall
}
FNR == NR {
	wall[$1] = $3
	cpu[$1] = $4
	kib[$1] = $5
	next
}
FNR == 1 {
	FS = "|"
	print "| job | against | goal | measured | |"
	print "|---|---|---:|---:|---|"
}
/^#/ {
	next
}
{
	split($0, f, "|")
	what = f[6]
	sign = f[5] == "" ? "" : " ×"
	printf "| %s | %s | %s %s%s | ", f[1], f[2], f[7] == ">=" ? "≥" : "≤", f[8], sign
	if (!measured(f[3]) || !measured(f[4]) || !measured(f[5])) {
		print "– | not measured |"
		next
	}
	figure = value(f[3])
	if (f[4] != "")
		figure -= value(f[4])
	if (f[5] != "")
		figure /= value(f[5])
	met = f[7] == ">=" ? figure >= f[8] : figure <= f[8]
	verdict = what == "rss" && mb < 1000 ? "less data" : met ? "met" : "**not met**"
	printf "%.*f%s | %s |\n", figure < 0.1 ? 4 : 2, figure, sign, verdict
}
