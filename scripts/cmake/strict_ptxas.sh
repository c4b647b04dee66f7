#!/bin/sh
# Runs a CUDA compiler (its command line follows) and fails where ptxas says that it serialises or mends wgmma: messages
# C7510 to C7519 and their relatives, which are no warnings to it, so that no flag makes them errors. A serialised kernel
# runs, right and slow.
if said=$("$@" 2>&1); then code=0; else code=$?; fi
[ -z "$said" ] || printf '%s\n' "$said" >&2
[ "$code" -eq 0 ] || exit "$code"
printf '%s\n' "$said" | grep -E -q '\(C75[0-9][0-9]\)|wgmma\.mma_async instructions are serialized' || exit 0
while [ $# -gt 1 ]; do # what was made must not look like the result of a good build
  [ "$1" = -o ] && rm -f "$2"
  shift
done
echo "error: ptxas serialises or mends wgmma, see its message above" >&2
exit 1
