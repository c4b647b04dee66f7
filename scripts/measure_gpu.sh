#!/usr/bin/env bash
# A day with a GPU in one command: tests, sanitizers, every figure, every sweep, ten acceptances, other tools.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'TEXT'
usage: scripts/measure_gpu.sh [options] OUT

Measures the NVIDIA GPU of this machine and writes everything into the new folder OUT: run.json and run.html, sweeps/,
accept/, what other tools say in tools/, logs/, and last summary.md: what ran, what failed, and the spread of every
figure over the acceptances. A step that fails does not stop those after it. Clocks, power limit and modes stay as they
are.
  --build DIR         use this build as it is (default: set up and build build/)
  --device D          the GPU, as peakproof run takes it (default: the first)
  --benchmarks A,B    these only (default: all)
  --repeat N          acceptances at level quick (default: 10)
  --quick             fewer samples in run; then it is no reference
  --allow-dirty       go on with uncommitted changes; then it is no reference
  --help              this text
Exit code: 0 all steps passed; 1 a test, a sanitizer or a verdict failed; 2 nothing was done; 3 a step could not be done
or decided; 4 a device fault; 5 a report was not written; 128+n ended by signal n (the summary then says so).
TEXT
}

build_given=''
device=()
names=()
repeat=10
quick=()
dirty=''
out=''
value() { [[ $# -ge 2 && -n $2 ]] || die 2 "$1 needs a value (see scripts/measure_gpu.sh --help)"; }
while (($#)); do
  case $1 in
    --build) value "$@"; build_given=$2; shift ;;
    --device) value "$@"; device=(--device "$2"); shift ;;
    --benchmarks) value "$@"; IFS=, read -ra names <<<"$2"; shift ;;
    --repeat) value "$@"; repeat=$2; shift ;;
    --quick) quick=(--quick) ;;
    --allow-dirty) dirty=allowed ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*) die 2 "unknown option '$1' (see scripts/measure_gpu.sh --help)" ;;
    *)
      [[ -z $out ]] || die 2 "two folders, $out and $1: name one"
      out=$1
      ;;
  esac
  shift
done
[[ -n $out ]] || die 2 "name a folder for the results (see scripts/measure_gpu.sh --help)"
[[ $repeat =~ ^[1-9][0-9]*$ ]] || die 2 "--repeat $repeat: give a whole number from 1 on"
if [[ -e $out ]] && [[ ! -d $out || -n $(ls -A -- "$out") ]]; then die 2 "$out is there already: name a new folder"; fi

commit=$(git -C "$root" rev-parse HEAD) || die 2 "$root is no git checkout: a figure needs its commit"
if [[ -n $(git -C "$root" status --porcelain) ]]; then
  [[ -n $dirty ]] || die 2 "there are uncommitted changes (git status): commit them, or --allow-dirty for a look"
  commit+=' with uncommitted changes'
fi
if [[ -n $build_given ]]; then
  [[ -x $build_given/peakproof ]] || die 2 "$build_given holds no peakproof: build it, or leave --build out"
  build=$(cd -- "$build_given" && pwd -P)
else
  bash "$root/scripts/setup.sh" --tests || die 2 "the build failed, see above"
fi
known=$("$build/peakproof" list) || die 2 "$build/peakproof list fails: build it again"
mapfile -t all < <(awk 'NR > 1 && $2 == "yes" { print $1 }' <<<"$known")
for name in "${names[@]}"; do
  if [[ " ${all[*]} " != *" $name "* ]]; then die 2 "no benchmark of a GPU is named '$name' (see peakproof list)"; fi
done
mkdir -p -- "$out"/{logs,sweeps,accept,tools} || die 2 "cannot create $out"
out=$(cd -- "$out" && pwd -P)
steps=$out/logs/steps.tsv # kind, name, exit code, seconds, what
: >"$steps"

sanitizer=$(PATH=$PATH:/usr/local/cuda/bin command -v compute-sanitizer || true)

worst=0
# Of exit codes the one that the run ends with: 4 before 1 before 3 before 5.
worse() {
  local code
  for code in 4 1 3 5; do
    if [[ $1 == "$code" || $worst == "$code" ]]; then
      worst=$code
      return
    fi
  done
}
# note <kind> <name> <exit code> <seconds> <what>: without the folders of this machine.
note() {
  local what=${5//$out/OUT}
  what=${what//$build/build}
  what=${what/#$sanitizer /compute-sanitizer }
  printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "${what//$root\//}" >>"$steps"
}
skip() { note skipped "$1" - 0 "$2"; }
summarize() {
  python3 "$root/scripts/measure_summary.py" "$out" --commit "$commit" --exit-code "$1" "${quick[@]}" || return 5
}

child=''
# In the background, so that a signal is heard at once and passed on.
wait_for() {
  "$@" </dev/null &
  child=$!
  local code=0
  wait "$child" || code=$?
  child=''
  return "$code"
}
# What a signal leaves: the steps so far, and a summary that says so.
# shellcheck disable=SC2317 # called by a trap
stop() {
  trap '' HUP INT TERM
  if [[ -n $child ]]; then
    kill -TERM "$child" 2>/dev/null || true
    wait "$child" || true
  fi
  rm -f -- "$out"/tools/*.part "$out"/logs/*.part
  say "ended by signal $1: what was measured is in $out"
  note run interrupted $((128 + $1)) 0 'by a signal'
  summarize $((128 + $1)) || true
  exit $((128 + $1))
}
trap 'stop 1' HUP
trap 'stop 2' INT
trap 'stop 15' TERM

# step <kind> <name> <command…>: "verdict" and "sweep" end with a code of PeakProof's, "check" and "tests" with 0 or a
# failure.
step() {
  local kind=$1 name=$2 code=0 began=$SECONDS log=$out/logs/$2.log
  shift 2
  say "$name"
  wait_for "$@" >"$log.part" 2>&1 || code=$?
  mv -- "$log.part" "$log"
  if [[ $kind == sweep && $code == 2 ]] && grep -q "${name#sweep_} has no sweep on this device" "$log"; then
    skip "$name" 'it has no sweep on this device'
    return
  fi
  # A skipped test is no passed one, though ctest says 0.
  if [[ $kind == tests && $code == 0 ]] && grep -q '(Skipped)\|\*\*\*Skipped' "$log"; then code=77; fi
  note "$kind" "$name" "$code" $((SECONDS - began)) "$*"
  case $kind:$code in
    *:0) ;;
    verdict:[1345] | sweep:[1345]) worse "$code" ;;
    verdict:* | sweep:* | *:77) worse 3 ;; # not done: wrong options, or skipped for want of a GPU
    *) worse 1 ;;
  esac
}

programs=() # of the tests that need a GPU
if [[ -f $build/CTestTestfile.cmake ]]; then
  step tests gpu_tests ctest --test-dir "$build" --label-regex '^gpu$' --output-on-failure --no-tests=error \
    --timeout 600
  mapfile -t programs < <(ctest --test-dir "$build" --label-regex '^gpu$' --show-only=json-v1 |
    python3 -c 'import json, sys; [print(test["command"][0]) for test in json.load(sys.stdin)["tests"]]')
else
  skip gpu_tests "$build has no tests"
  worse 3
fi

if [[ -z $sanitizer ]]; then
  skip sanitizers 'compute-sanitizer was not found'
elif ((${#programs[@]} == 0)); then
  skip sanitizers "$build has no tests that need a GPU"
  worse 3
else
  for check in memcheck racecheck initcheck; do
    for program in "${programs[@]}"; do
      step check "${check}_${program##*/}" "$sanitizer" --tool "$check" --error-exitcode 9 "$program"
    done
  done
fi

run=("$build/peakproof" run "${device[@]}" --anonymous)
step verdict run "${run[@]}" "${quick[@]}" --json="$out/run.json" --html="$out/run.html" "${names[@]}"
swept=("${names[@]}")
if ((${#swept[@]} == 0)); then swept=("${all[@]}"); fi
for name in "${swept[@]}"; do
  step sweep "sweep_$name" "${run[@]}" --sweep "$name" --json="$out/sweeps/$name.json" --html="$out/sweeps/$name.html"
done
for ((i = 1; i <= repeat; ++i)); do
  printf -v name 'accept_%02d' "$i"
  step verdict "$name" "$build/peakproof" accept "${device[@]}" --level quick --anonymous \
    --json="$out/accept/$name.json" "${names[@]}"
done

# Other tools, where they are in PATH. tool <program> <file> <arguments, FILE for the file>: what it prints is kept,
# whole.
tool() {
  local name=$1 file=$out/tools/$2 code=0 began=$SECONDS
  shift 2
  if ! have "$name"; then
    skip "tool_$name" 'not in PATH'
    return
  fi
  say "$name"
  if [[ " $* " == *' FILE '* ]]; then
    wait_for "$name" "${@/#FILE/$file.part}" >"$out/logs/tool_$name.log" 2>&1 || code=$?
  else
    wait_for "$name" "$@" >"$file.part" 2>"$out/logs/tool_$name.log" || code=$?
  fi
  if ((code == 0)) && [[ ! -s $file.part ]]; then code=1; fi
  if ((code == 0)); then mv -- "$file.part" "$file"; else rm -f -- "$file.part"; fi
  note check "tool_$name" "$code" $((SECONDS - began)) "$name $*"
  if ((code)); then worse 3; fi
}
tool nvbandwidth nvbandwidth.json --json
tool babelstream babelstream.csv --csv
tool clpeak clpeak.json --json-file FILE
tool mixbench-cuda mixbench.txt
for name in gpu-stream gpu-l2-cache gpu-cache gpu-latency; do tool "$name" "$name.txt"; done
if [[ -f $out/run.json ]]; then
  step check comparison python3 "$root/scripts/comparison.py" "$out" --output "$out/comparison.md" \
    ${dirty:+--allow-stand-in}
else
  skip comparison "there is no run.json"
fi

summarize "$worst" || worse 5
say "$out/summary.md has what ran, what failed and the spread of every figure"
exit "$worst"
