#!/bin/sh
# The Chinese catalogue is complete: whatever people read in tables, help and messages has its
# translation, nothing in it is stale, and machine formats do not change with the language.
. tests/lib.sh
po=cmd/common/zh_CN.po

# Everything to translate. Words in cells have no mark in the sources: they are listed here.
{
	echo 'left newcomer buyer-silent benefits-only never-spoke silent cooling'  # class, reason
	echo 'champion loyal potential-loyal new-buyer promising need-attention'        # segment
	echo 'about-to-sleep at-risk cannot-lose hibernating'
	echo 'roster events joins seen yes no'                                       # basis, flags
	echo 'group source role product type order_id user name text amount ref qty id' # --by
	for n in 7 14 30 60 90 180 365; do                                           # --within
		echo "again_${n}d_base again_${n}d again_${n}d_rate again_${n}d_lo again_${n}d_hi"
	done
} | tr ' ' '\n' | sed 's/.*/N_("&")/' >"$scratch/words.c"

# Rows of options, briefs and columns are no calls; for xgettext they become some.
sed 's/^\(	*\){"\([a-z-]*\)", \(0\|.[a-z].\), QUN_OPT_/\1ROW("\2", 0, /
	s/{"\([a-z0-9][a-z_0-9]*\)", QUN_K_/COLUMN("\1", /g
	s/\.brief = \(".*"\),/N_(\1),/' lib/metric/*.c lib/metric/*/*.c lib/model/*.c >"$scratch/rows.c"
awk '/ (examples|definition)\[\] = \{/ { on = 1; next } /^\};/ { on = 0 } on && !/NULL,/' lib/metric/*.c >"$scratch/examples.c"
extract() { xgettext -L C --from-code=UTF-8 --no-location "$@" 2>"$scratch/xgettext"; }
extract -o "$scratch/commands.pot" -k -k_ -kN_ $(find cmd/ -name '*.c') "$scratch/words.c" "$scratch/rows.c"
extract -o "$scratch/rows.pot" -k -kROW:9 -kCOLUMN -kqun_table_column:2 "$scratch/rows.c"
extract -o "$scratch/views.pot" -k -kadd_note:2 -kqun_view_word:2 lib/output/*.c
extract -o "$scratch/examples.pot" -a "$scratch/examples.c"
sed -i 's/charset=CHARSET/charset=UTF-8/' "$scratch"/*.pot
msgcat --use-first -o "$scratch/all.pot" "$scratch/commands.pot" "$scratch/rows.pot" "$scratch/views.pot" \
	"$scratch/examples.pot"

ids() { msgcat --no-wrap --no-location "$1" | msgattrib --no-wrap --no-obsolete | sed -n '/^msgid/,/^msgstr/{/^msgstr/d;s/^msgid //;p}' | sort; }
ids "$scratch/all.pot" >"$scratch/wanted"
ids "$po" >"$scratch/there"
is "there is enough to translate" yes "$([ "$(wc -l <"$scratch/wanted")" -gt 200 ] && echo yes)"
is "every text has its place in the catalogue" "" "$(comm -23 "$scratch/wanted" "$scratch/there")"
is "nothing in the catalogue is stale" "" "$(comm -13 "$scratch/wanted" "$scratch/there")"
is "every text is translated" "" "$(msgattrib --untranslated --no-obsolete "$po" | grep '^msgid "."')"
is "no translation is a guess" "" "$(grep '^#.*fuzzy' "$po")"
is "msgfmt finds no fault" "" "$(msgfmt -c -o /dev/null "$po" 2>&1)"

zh='LC_ALL=zh_CN.UTF-8'
for tool in $(tools); do
	args=
	[ "$tool" = funnel ] && args='--steps join,message'
	t="$tool $args"
	prints "$tool: help in Chinese" '用法：' "$zh $tool --help"
	is "$tool: every option line of it is Chinese" "" \
		"$(env $zh "$tool" --help | sed -n '/^$/,/qun(7)/p' | grep -E '^  (-., )?--[a-z-]+.*  +[a-z ]+' | grep -v '[^ -~]')"
	is "$tool: headings in Chinese" "" \
		"$(env $zh $t -o table examples/chat.json | head -n 1 | grep -oE '[A-Za-z_]{4,}')"
	same "$tool: -o csv is the same in Chinese" "$t examples/chat.json" "$zh $t examples/chat.json"
	same "$tool: -o json too" "$t -o json examples/chat.json" "$zh $t -o json examples/chat.json"
done
says 'a message in Chinese' '没有选项“--perid”；是不是“--period”' "$zh cohort-retention --perid day examples/chat.json"
prints 'words in cells in Chinese' '从未活跃.*进群与移出' "$zh churn-list -o table examples/chat.json"
is 'and not in csv' 0 "$(env $zh churn-list examples/chat.json | grep -c '从未活跃')"
prints 'notes below a table' '尚未结束' "$zh cohort-retention -o table examples/chat.json"
finish
