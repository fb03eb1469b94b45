#!/bin/sh
. tests/lib.sh
is "a log of a format that was just added" "group,messages
g1,2
g2,1" "$(line-count tests/data/at_sign.txt)"
finish
