#!/bin/sh
# Every case of every oracle test again, its log in three pieces that are joined by --state.
. tests/lib.sh

for t in $(grep -l '^\. tests/oracle.sh' tests/*.t); do
	ORACLE_THROUGH=oracle_state ORACLE_SEEDS="${ORACLE_SEEDS:-5}" sh "$t" >"$scratch/tap" 2>&1
	rc=$?
	if [ $rc -eq 0 ] && ! grep -q '^not ok' "$scratch/tap"; then
		pass "$t, piece by piece: $(sed -n 's/^ok [0-9]* - .*: \([0-9]* cases\).*/\1/p' "$scratch/tap" | tr '\n' ' ')"
	else
		fail "$t, piece by piece"
		grep -A 8 '^not ok' "$scratch/tap" | sed 's/^/#   /' | head -n 40
	fi
done
finish
