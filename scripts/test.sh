#!/usr/bin/env bash
# Sets up, builds everything and runs every test, lint included.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'TEXT'
usage: scripts/test.sh [--no-install] [--again] [-- options of ctest]

Installs what is missing, builds into build/ and runs every test, lint included. Tests that need a GPU skip without one.
  --no-install  install nothing, only say what is missing; go on if it builds all the same
  --again       run the tests even if nothing has changed since all of them passed (always so where CI is set)
  --help        this text
Examples: scripts/test.sh -- -R throughput     scripts/test.sh -- -LE lint
Exit code: 0 all passed; 2 the set-up failed; else that of ctest.
TEXT
}

setup_options=(--tests)
again=${CI:+yes}
while (($#)); do
  case $1 in
    --no-install) setup_options+=("$1") ;;
    --again) again=yes ;;
    -h | --help)
      usage
      exit 0
      ;;
    --)
      shift
      break
      ;;
    *) die 2 "unknown option '$1' (see scripts/test.sh --help; options of ctest follow --)" ;;
  esac
  shift
done

bash "$root/scripts/setup.sh" "${setup_options[@]}"

# What the outcome depends on: every source, every executable, the GPU.
state() {
  {
    cd "$root"
    find . \( -path ./build -o -path ./out -o -name .git -o -name .venv -o -name __pycache__ \) -prune -o -type f -print0 |
      LC_ALL=C sort -z | xargs -0 sha256sum
    find build -maxdepth 1 -type f -perm -u=x -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum
    if gpu_present; then echo GPU; fi
  } | sha256sum
}

passed=$build/all-tests-passed
if [[ -z $again && $# -eq 0 && -f $passed && $(<"$passed") == "$(state)" ]]; then
  say "nothing has changed since all tests passed: not run again (--again runs them)"
  exit 0
fi
ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel 2 "$@"
if (($# == 0)); then state >"$passed"; fi
