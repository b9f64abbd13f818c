#!/bin/sh
# The official suite, where it is at hand: every case must pass.
# usage: tck.sh KUAILIAN [DIR]
dir=${2:-../shared/tck}
echo 1..1
if [ ! -d "$dir" ]; then
    echo "ok 1 # SKIP the DMN compatibility kit is not at $dir"
elif "$1" dmn tck "$dir" | sed 's/^/# /' && "$1" dmn tck "$dir" >/dev/null; then
    echo "ok 1 - every case of the DMN compatibility kit"
else
    echo "not ok 1 - every case of the DMN compatibility kit"
fi
