# Helpers for tests/*.t: every test prints one TAP line. Programs are found by name.
#
#   is NAME EXPECTED ACTUAL        two texts are equal
#   same NAME 'CMD' 'CMD'          two pipelines agree: stdout and exit status
#   exits NAME STATUS 'CMD'        exit status
#   says NAME PATTERN 'CMD'        stderr matches an extended regular expression
#   prints NAME PATTERN 'CMD'      stdout matches
#   skip NAME REASON
set -u
: "${QUN_BUILD:=build/release}"
: "${QUN_SHARED:=../shared}"
case $QUN_BUILD in /*) ;; *) QUN_BUILD=$PWD/$QUN_BUILD ;; esac
case $QUN_SHARED in /*) ;; *) QUN_SHARED=$PWD/$QUN_SHARED ;; esac
PATH="$QUN_BUILD/bin:$PATH"
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
# Nothing the user has set reaches a test, but for the tests' own variables: neither options in
# variables nor settings files, his or the folder's. Tests work in a folder of links to all but the latter.
for name in $(env | sed -n 's/^\(QUN_[A-Z_]*\|LC_[A-Z]*\)=.*/\1/p'); do
	case $name in QUN_BUILD | QUN_SHARED | QUN_READER | QUN_THREADS) ;; *) unset "$name" ;; esac
done
unset LANG LANGUAGE NO_COLOR SOURCE_DATE_EPOCH POSIXLY_CORRECT TZDIR CDPATH 2>/dev/null || :
export LC_ALL=C TZ=UTC0 QUN_TZ=UTC HOME="$scratch/.home" XDG_CONFIG_HOME="$scratch/.home"
tests_run=0
tests_failed=0
mkdir "$scratch/.here"
for name in "$PWD"/*; do
	case $name in */quntools.conf) ;; *) ln -s "$name" "$scratch/.here" ;; esac
done
cd "$scratch/.here" || exit 99

# Programs of this build, one a line.
tools() { ls "$QUN_BUILD/bin"; }

pass() { tests_run=$((tests_run + 1)); echo "ok $tests_run - $1"; }
fail() {
	tests_run=$((tests_run + 1))
	tests_failed=$((tests_failed + 1))
	echo "not ok $tests_run - $1"
}
skip() { tests_run=$((tests_run + 1)); echo "ok $tests_run - $1 # SKIP $2"; }
show() { sed 's/^/#   /' "$1" | head -n 20; }

is() {
	if [ "$2" = "$3" ]; then pass "$1"; else
		fail "$1"
		printf '%s\n' "$2" >"$scratch/.want"
		printf '%s\n' "$3" >"$scratch/.have"
		diff "$scratch/.want" "$scratch/.have" | sed 's/^/#   /' | head -n 20
	fi
}

same() {
	sh -c "$2" >"$scratch/.a" 2>"$scratch/.ae"; a=$?
	sh -c "$3" >"$scratch/.b" 2>"$scratch/.be"; b=$?
	if [ $a -eq $b ] && cmp -s "$scratch/.a" "$scratch/.b"; then pass "$1"; else
		fail "$1"
		echo "#   exit $a and $b"
		diff "$scratch/.a" "$scratch/.b" | sed 's/^/#   /' | head -n 20
		show "$scratch/.ae"
		show "$scratch/.be"
	fi
}

exits() {
	sh -c "$3" >"$scratch/.a" 2>"$scratch/.ae"; a=$?
	if [ $a -eq "$2" ]; then pass "$1"; else
		fail "$1"
		echo "#   exit $a, not $2: $3"
		show "$scratch/.ae"
	fi
}

says() {
	sh -c "$3" >"$scratch/.a" 2>"$scratch/.ae"
	if grep -Eq -e "$2" "$scratch/.ae"; then pass "$1"; else
		fail "$1"
		echo "#   stderr does not match $2"
		show "$scratch/.ae"
	fi
}

prints() {
	sh -c "$3" >"$scratch/.a" 2>"$scratch/.ae"
	if grep -Eq -e "$2" "$scratch/.a"; then pass "$1"; else
		fail "$1"
		echo "#   stdout does not match $2"
		show "$scratch/.a"
		show "$scratch/.ae"
	fi
}

finish() {
	echo "1..$tests_run"
	[ $tests_failed -eq 0 ]
}
