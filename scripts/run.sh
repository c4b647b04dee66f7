#!/usr/bin/env bash
# From a clone to the numbers: sets up, builds, measures the best device present.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'TEXT'
usage: scripts/run.sh [--no-install] [options of peakproof run]

Installs what is missing, builds into build/, measures the NVIDIA GPU (or, where there is none, the host CPU), prints
the efficiency table and writes out/report.json and out/report.md.
  --no-install  install nothing, only say what is missing; go on if it builds all the same
  --help        this text
Everything else goes to `build/peakproof run`, for example --quick or --device cuda:1; -- passes on all that follows.
Exit code: that of peakproof (0 pass, 1 rejected, 2 usage, 3 inconclusive, 4 device fault, 5 report not written);
2 where the set-up fails.
TEXT
}

setup_options=()
arguments=()
device=chosen_here
json=$root/out/report.json
md=$root/out/report.md
while (($#)); do
  case $1 in
    --no-install) setup_options+=("$1") ;;
    -h | --help)
      usage
      exit 0
      ;;
    --)
      shift
      break
      ;;
    *) arguments+=("$1") ;;
  esac
  shift
done
arguments+=("$@")
for argument in "${arguments[@]}"; do
  case $argument in
    --device | --device=*) device=given ;;
    --json | --json=*) json='' ;; # the caller's own place
    --md | --md=*) md='' ;;
  esac
done

if [[ $device == chosen_here ]] && ! gpu_present; then
  say "no NVIDIA GPU here (nvidia-smi lists none): the host CPU will be measured"
fi
bash "$root/scripts/setup.sh" "${setup_options[@]}"

if [[ $device == chosen_here ]]; then
  health=0
  doctor=$("$build/peakproof" doctor 2>&1) || health=$?
  if ((health == 4)); then # a faulty GPU is a finding, never a reason to measure something else
    printf '%s\n' "$doctor" >&2
    die 4 "the GPU is faulty: peakproof doctor says so above"
  fi
  if ((health == 0)); then
    if ! gpu_present; then say "peakproof doctor found an NVIDIA GPU all the same: it will be measured"; fi
    arguments=(--device cuda:0 "${arguments[@]}") # the fastest, in the driver's order
  else
    if gpu_present; then
      say "an NVIDIA GPU is here but cannot be measured, so the host CPU will be. peakproof doctor says:"
      printf '%s\n' "$doctor" >&2
    fi
    arguments=(--device cpu "${arguments[@]}")
  fi
fi
mkdir -p -- "$root/out" || die 2 "cannot create $root/out: make $root writable"
if [[ -n $md ]]; then arguments=("--md=$md" "${arguments[@]}"); fi
if [[ -n $json ]]; then arguments=("--json=$json" "${arguments[@]}"); fi
if [[ -n $json$md ]]; then say "writing $json${json:+${md:+ and }}$md"; fi
exec "$build/peakproof" run "${arguments[@]}"
