#!/usr/bin/env bash
# Sets up, builds everything and runs every test, lint included.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'TEXT'
usage: scripts/test.sh [--no-install] [-- options of ctest]

Installs what is missing, builds into build/ and runs every test, lint included. Tests that need a GPU skip without one.
  --no-install  install nothing, only say what is missing; go on if it builds all the same
  --help        this text
Examples: scripts/test.sh -- -R throughput     scripts/test.sh -- -LE lint
Exit code: 0 all passed; 2 the set-up failed; else that of ctest.
TEXT
}

setup_options=(--tests)
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
    *) die 2 "unknown option '$1' (see scripts/test.sh --help; options of ctest follow --)" ;;
  esac
  shift
done

bash "$root/scripts/setup.sh" "${setup_options[@]}"
exec ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel 2 "$@"
