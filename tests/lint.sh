#!/bin/sh
# House rules that a compiler does not check. Each is one function: a name, a reason, a grep.
set -u
cd "$(dirname "$0")/.." || exit 99
bad=$(mktemp) || exit 99
trap 'rm -f "$bad"' EXIT
rule() { # NAME REASON: lines on stdin are violations
	found=$(cat)
	if [ -n "$found" ]; then
		echo "$1" >>"$bad" # a pipe's end cannot set a variable
		printf 'lint: %s: %s\n%s\n' "$1" "$2" "$found"
	fi
}
sources=$(find cmd lib include tests -name '*.[ch]')
includes() { grep -Hn '#include "' "$@" 2>/dev/null; }

grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|mktime|alloca|localtime)\(' \
	$(find cmd lib -name '*.[ch]') | rule banned 'unsafe or unsettled functions'
grep -rnE '\b(printf|fprintf|puts|putchar|perror|exit|_exit|abort|setlocale)\(' lib --include='*.[ch]' |
	rule library 'the library never prints, exits or changes the locale'
grep -rlE '#include <(getopt|stdio)\.h>' lib --include='*.[ch]' | while read -r f; do
	grep -qE 'vsnprintf|snprintf|vasprintf|FILE' "$f" && ! grep -q '<getopt.h>' "$f" || echo "$f"
done | rule stdio 'stdio only for formatting, getopt only in cmd/common'
grep -nE '#include <getopt\.h>' $(find cmd -maxdepth 1 -name '*.c') $(find lib -name '*.c') 2>/dev/null |
	rule getopt 'only cmd/common parses options'
includes $(find lib/core lib/stat -name '*.[ch]') |
	grep -E 'qun/(run|head|member|ledger|tie|metric|engine|format|input|table|write|cube|pred|event)\.h' |
	rule core 'core and stat know nothing above them'
includes $(find lib/metric -name '*.[ch]') | grep -E 'qun/(input|format|write|engine)\.h' |
	rule metric 'a metric never reads input or prints'
includes $(find lib/input lib/format lib/text -name '*.[ch]') |
	grep -E 'qun/(metric|cube|ledger|member|table|write|engine|head)\.h' |
	rule input 'input never knows a metric'
includes $(find lib/output -name '*.[ch]') | grep -E 'qun/(metric|engine|input|format|run|event)\.h' |
	rule output 'writers know tables only'
grep -nP '[^\t]\t|^ +[^ *]' $(find cmd lib include -name '*.[ch]') | grep -vP ':\s*\* |"[^"]*\t' | grep -P '^\S+:\d+: +\S' |
	rule tabs 'indent with tabs'
awk 'length($0) > 140 { print FILENAME ":" FNR ": " length($0) " columns" }' \
	$(find cmd lib include -name '*.[ch]' ! -name options.c) | rule width 'lines stay readable'
awk 'FNR == 1 && !/^\/\*/ { print FILENAME ":1: " $0 }' $(find cmd lib include -name '*.[ch]') |
	rule opening 'a file opens with a sentence on its idea'
awk 'FNR == 1 { start = 0 } /^[a-z].*[^;]$|^{/ && /^{/ { start = FNR }
	/^}/ { if (start && FNR - start > 85) print FILENAME ":" start ": " FNR - start " lines"; start = 0 }' \
	$(find cmd lib -name '*.c') | rule screen 'a function fits a screen'
grep -rnE 'TO[D]O|FIX[M]E|XX[X]' $sources | rule unfinished 'say it in an issue'
for h in include/qun/*.h; do
	${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Iinclude -fsyntax-only -x c "$h" 2>&1
	command -v c++ >/dev/null && c++ -Wall -Iinclude -fsyntax-only -x c++ "$h" 2>&1
done | rule headers 'each public header compiles alone, from C and C++'
grep -nE '^(extern )?[a-z].* \**qun_[a-z0-9_]+\(' include/qun/*.h | grep -oE 'qun_[a-z0-9_]+\(' | sort | uniq -d |
	rule twice 'a function is declared once'
for m in man/*.[0-9]; do [ -e "$m" ] && mandoc -T lint -W warning "$m"; done | rule man 'manual pages are clean mdoc'
for tool in cmd/*.c; do
	n=$(basename "$tool" .c)
	[ -e "man/$n.1" ] || echo "man/$n.1 is missing"
	[ -e "tests/$n.t" ] || echo "tests/$n.t is missing"
done | rule complete 'a program has a manual page and a test'
# Absolute paths that exist on every system, and those of web addresses and of tests, are named here.
grep -rnIoP '(?<![\w.:/$})~*\]-])/(?!(dev|etc|usr|bin|proc|nonexistent|share|api|path/to)\b)[a-z][a-z0-9_-]*/[a-z][\w/]\S*' \
	cmd lib include man examples Makefile README NEWS .ci tests/*.t tests/*.sh | rule paths 'no path of one machine'
grep -rnIE '(https?|ftp)://[a-z0-9.-]*(debian|npmjs|pypi)' cmd lib include man examples tests Makefile README NEWS .ci |
	rule hosts 'packages are named, never their hosts'
[ -s "$bad" ] && exit 1
echo "lint: clean"
