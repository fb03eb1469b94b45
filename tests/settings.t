#!/bin/sh
# No setting of whoever runs the tests reaches them: a test passes or fails alike amid a settings file
# in the folder, one of the user, and every variable that the programs or their tools look at.
. tests/lib.sh

mkdir -p "$scratch/away/.config" || exit 99
ln -s "$PWD"/* "$scratch/away"
cat >"$scratch/away/quntools.conf" <<'X'
tz Asia/Shanghai
output json
period month
X
cp "$scratch/away/quntools.conf" "$scratch/away/.config"
printf '.mode json\n' >"$scratch/away/.sqliterc"
cat >"$scratch/away/one.t" <<'X'
. tests/lib.sh
printf 'ts,user\n2026-03-01T23:00:00Z,ann\n2026-03-02T01:00:00Z,ann\n' >"$scratch/in.csv"
is "a table" "cohort,retained
2026-02-23,1
2026-02-23,1" "$(cohort-retention --columns cohort,retained "$scratch/in.csv" 2>"$scratch/err")"
is "in English" "" "$(grep '[^ -~]' "$scratch/err")"
is "an empty cell is one" "1|" "$(sqlite3 :memory: 'SELECT 1, NULL')"
exits "options may stand behind files" 0 "cohort-retention $scratch/in.csv --period week"
prints "a heading" "^cohort +size" "cohort-retention -o table $scratch/in.csv"
finish
X
hostile="HOME=$scratch/away XDG_CONFIG_HOME=$scratch/away/.config QUN_TZ=America/New_York QUN_OUTPUT=table \
QUN_PERIOD=day QUN_MIN_CELL=9 QUN_COLUMNS=size LANG=zh_CN.UTF-8 LC_ALL=zh_CN.UTF-8 LANGUAGE=zh_CN TZ=Asia/Tokyo \
TZDIR=$scratch POSIXLY_CORRECT=1 CDPATH=/ SOURCE_DATE_EPOCH=0 QUN_BUILD=$QUN_BUILD QUN_SHARED=$QUN_SHARED"
same "a test amid hostile settings" "sh $scratch/away/one.t" "cd $scratch/away && env $hostile sh one.t"
exits "and it passes" 0 "cd $scratch/away && env $hostile sh one.t"
# Were they not kept out, they would tell.
printf 'ts,user\n2026-03-01,ann\n' >"$scratch/in.csv"
is "the folder's file is hostile" '[' "$(cd "$scratch/away" && cohort-retention "$scratch/in.csv" 2>/dev/null | head -c 1)"
is "the user's file is" '[' "$(HOME=$scratch/away XDG_CONFIG_HOME=$scratch/away/.config cohort-retention "$scratch/in.csv" 2>/dev/null | head -c 1)"
is "the variables are" '' "$(env $hostile cohort-retention "$scratch/in.csv" 2>/dev/null | grep cohort)"
finish
