# shellcheck shell=bash
# What setup.sh, run.sh and test.sh share. To be sourced.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034 # the scripts that source this one use it
build=$root/build
sysroot=${PEAKPROOF_SYSROOT:-} # the scripts' tests put a made-up machine here

# Progress and errors go to stderr: stdout belongs to the program that is run.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
# die <exit code> <message>
die() {
  local code=$1
  shift
  say "error: $*"
  exit "$code"
}
have() { command -v "$1" >/dev/null 2>&1; }

# Whether the machine shows an NVIDIA GPU. Whether it can be measured is for `peakproof doctor` to say.
gpu_present() {
  if [[ -e $sysroot/dev/nvidia0 ]]; then return 0; fi
  have nvidia-smi && nvidia-smi -L 2>/dev/null | grep -q '^GPU [0-9]'
}
