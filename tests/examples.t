#!/bin/sh
# What the documents show is true: scripts of examples/ run, example lines of the manual run, and
# where a manual page or the README shows an output, it is the output.
. tests/lib.sh
LF='
'

for script in examples/*.sh; do
	exits "$script runs" 0 "$script"
	same "$script does not care where it is called" "$script" "cd / && $PWD/$script"
	is "$script says nothing on stderr" "" "$("$script" 2>&1 >/dev/null)"
done
for script in examples/*.sh; do
	is "$script prints something" yes "$([ -n "$("$script")" ] && echo yes)"
done

# Example lines of the manual are shell commands for the root of the repository.
for page in man/*.[0-9]; do
	sed -n 's/^\.Dl \$ //p' "$page" | sed 's/\\e/\\/g' | grep 'examples/' >"$scratch/lines"
	while IFS= read -r line; do
		case $line in
		*'>'*.csv) line="cd $scratch && mkdir -p at && cd at && ln -sfn $PWD/examples examples && $line" ;;
		esac
		exits "$page: $line" 0 "$line"
	done <"$scratch/lines"
done
for tool in $(tools); do
	is "man/$tool.1: its first example begins with its name" "$tool" \
		"$(sed -n 's/^\.Dl \$ \([^ ]*\).*/\1/p' "man/$tool.1" | head -n 1)"
done

# Takes a document apart: FILE BEGIN END: blocks of lines, in which "$ CMD" is followed by what it
# prints. "$ cat NAME" gives a file that does not exist before. Leaves N.cmd and N.want in a folder.
take_apart() {
	rm -rf "$scratch/doc"
	mkdir "$scratch/doc"
	awk -v dir="$scratch/doc" -v begin="$2" -v end="$3" '
		$0 ~ end && on { on = 0; out = ""; next }
		$0 ~ begin { on = 1; next }
		!on { next }
		/^\$ cat [a-z.]+$/ { out = dir "/" $3; next }
		/^\$ / { n++; print substr($0, 3) >(dir "/" n ".cmd"); out = dir "/" n ".want"; printf "" >out; next }
		out != "" { print >out }
	' "$1"
}

# Runs them in a folder, under further settings.
compare() { # NAME FOLDER SETTING...
	doc=$1
	folder=$2
	shift 2
	shown=0
	for command in "$scratch/doc"/*.cmd; do
		[ -e "$command" ] || break
		shown=$((shown + 1))
		have=$(cd "$folder" && env "$@" sh -c "$(cat "$command")" 2>"$scratch/err")
		is "$doc: $(cat "$command")" "$(cat "${command%.cmd}.want")$LF" "$have$LF"
	done
}

for page in man/*.[0-9]; do
	take_apart "$page" '^[.]Bd -literal$' '^[.]Ed$'
	compare "$page" "$scratch/doc" QUN_TZ=UTC
	case $page in
	*.1) is "$page has a worked example" yes "$([ $shown -ge 2 ] && echo yes)"
		is "$page: of ten events" 11 "$(cat "$scratch/doc"/*.csv | wc -l)" ;;
	esac
done

# A stranger reads the README at a terminal, where the output is a table.
take_apart README '^```console$' '^```$'
compare README examples -u QUN_TZ QUN_OUTPUT=table
is "README has a tour" yes "$([ $shown -ge 4 ] && echo yes)"
finish
