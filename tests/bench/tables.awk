# One table for each job of what was measured: awk -f tables.awk MEDIANS MEDIANS
# A line of MEDIANS is NAME.WHO, bytes read, wall s, CPU s, peak KiB.
BEGIN {
	label["wc"] = "`wc -l`"
	label["cat"] = "`cat`"
	label["cat_cat"] = "`cat` into `cat`"
	label["cat_wc"] = "`cat` into `wc -l`"
	label["duckdb"] = "DuckDB"
	label["clickhouse"] = "ClickHouse"
	label["miller"] = "Miller"
	label["ours"] = "quntools"
	label["j1"] = "quntools, `-j 1`"
	label["j2"] = "quntools, `-j 2`"
	label["pipe"] = "`cat` into quntools"
	label["reference"] = "quntools, `--reader reference`"
	label["plain"] = "quntools, without options"
	label["csv"] = "quntools, the same rows as plain CSV"
	label["tenfold"] = "quntools, ten times the file through a pipe"
	label["history"] = "quntools `--state`, 99 % of the rows"
	label["day"] = "quntools `--state`, 1 % more"
	label["one"] = "quntools `--state`, one record more"
	label["nothing"] = "quntools `--state`, nothing more"

	title["limits"] = "Limits, CSV"
	title["cohort.csv"] = "Weekly cohort retention, CSV"
	title["cohort.json"] = "Weekly cohort retention, NDJSON"
	title["telegram"] = "Weekly cohort retention, one Telegram object"
	title["people"] = "Weekly cohort retention, CSV, ten times the people, twice the rows"
	title["rate"] = "Daily activity rate of each group"
	title["repurchase"] = "Monthly repurchase"
	title["funnel"] = "Funnel of five steps within 7 days"
	title["churn"] = "Silent for 30 days"
	title["quotes"] = "Weekly cohort retention, every text quoted, 0.5 % of the records damaged"
	title["start"] = "Start-up: weekly cohort retention of 0.1 MB"
	title["state"] = "Weekly cohort retention, `--state`"
	title["slow"] = "Weekly cohort retention, CSV, run once"
}
{
	name = who = $1
	sub(/\.[^.]*$/, "", name)
	sub(/.*\./, "", who)
}
FNR == NR {
	wall[$1] = $3
	next
}
name != last {
	job = name
	sub(/\..*/, "", job)
	print (last ? "\n" : "") "## " (name in title ? title[name] : title[job] (name ~ /json$/ ? ", NDJSON" : ", CSV")) "\n"
	print "| what | wall s | CPU s | peak MiB | GB/s | wall / `wc -l` | wall / quntools |"
	print "|---|---:|---:|---:|---:|---:|---:|"
	last = name
}
{
	printf "| %s | %.*f | %.*f | %.0f | %.2f | %s | %s |\n", label[who], $3 < 0.1 ? 4 : 3, $3, $4 < 0.1 ? 4 : 3, $4, $5 / 1024,
		$2 * (who == "tenfold" ? 10 : 1) / $3 / 1e9, ratio($3, name ".wc"), ratio($3, name ".ours")
}
function ratio(seconds, id) {
	return id in wall ? sprintf("%.2f", seconds / wall[id]) : ""
}
