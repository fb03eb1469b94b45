#!/bin/sh
# A new program is four new files, a new format one and its sample, with no edit elsewhere: proved by
# adding both to a copy of the tree, building it, and running the new program, its laws and its contract.
. tests/lib.sh
from=$PWD/tests/data/extend
tree=$scratch/tree
mkdir "$tree" && cp -RL Makefile cmd lib include man tests "$tree" || exit 99
cd "$tree" || exit 99
cp "$from/line-count.c" cmd
cp "$from/line_count.c" lib/metric
cp "$from/line-count.1" man
cp "$from/line-count.t" tests
cp "$from/at_sign.c" lib/format
cp "$from/at_sign.txt" tests/data
exits "the copy builds" 0 "make -s -j2 BUILD=b CONFIG=release OPT_release=-O0 all b/release/tests/laws"
exits "the new program reads the new format" 0 "QUN_BUILD=b/release sh tests/line-count.t"
exits "the laws hold for the new metric" 0 "b/release/tests/laws | grep -q '^# line-count: [1-9]' && b/release/tests/laws | grep -q '^ok 1'"
exits "the contract holds for the new program" 0 "sed 's/in \$(tools)/in line-count/' tests/contract.t >tests/one.t && QUN_BUILD=b/release sh tests/one.t"
finish
