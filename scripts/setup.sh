#!/usr/bin/env bash
# Installs what is missing and builds into build/. run.sh and test.sh begin with it.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'TEXT'
usage: scripts/setup.sh [--tests] [--no-install]

Installs what is missing (Debian packages; Python wheels into .venv/) and builds into build/.
  --tests       also what the tests need, and the tests
  --no-install  install nothing, only say what is missing; go on if it builds all the same
  --help        this text

Environment: CUDACXX or CUDA_HOME choose the CUDA toolkit (else the nvcc in PATH, else the newest /usr/local/cuda*);
CMAKE_BUILD_PARALLEL_LEVEL the number of compile jobs; the proxy and pip settings hold as everywhere.
Exit code: 0 built; 2 something is missing or does not build.
TEXT
}

tests=no
install=yes
while (($#)); do
  case $1 in
    --tests) tests=yes ;;
    --no-install) install=no ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) die 2 "unknown option '$1' (see scripts/setup.sh --help)" ;;
  esac
  shift
done

mkdir -p -- "$build" || die 2 "cannot create $build: make $root writable"
log=$build/setup.log
: >"$log" || die 2 "cannot write $log: make it writable, or remove $build"

# --- The CUDA toolkit: the user's own business, 12.4 or later -------------------------------------------------------

minimum_cuda=12.4
nvcc=''     # of the toolkit that is used; empty: none
old_nvcc='' # one that is too old, for the message

# at_least <version> <minimum>
at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$2" ]]; }
nvcc_version() { "$1" --version 2>/dev/null | sed -n 's/.*release \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p'; }

# consider <nvcc>: takes it if it is new enough.
consider() {
  local version path
  if [[ -n $nvcc || ! -x $1 ]]; then return 0; fi
  version=$(nvcc_version "$1" || true)
  if [[ -z $version ]]; then return 0; fi
  if ! at_least "$version" "$minimum_cuda"; then
    old_nvcc="nvcc $version at $1"
    return 0
  fi
  path=$(readlink -f -- "$1") # one name for one toolkit, or another PATH would build everything anew
  if [[ ${path##*/} != nvcc ]]; then path=$1; fi # a link to a compiler cache
  nvcc=$path
}

find_toolkit() {
  local candidate version newest='' newest_version=0
  if [[ -n ${CUDACXX:-} ]]; then consider "$(command -v -- "$CUDACXX" || true)"; fi
  for candidate in "${CUDA_HOME:-}" "${CUDA_PATH:-}"; do
    if [[ -n $candidate ]]; then consider "$candidate/bin/nvcc"; fi
  done
  consider "$(command -v nvcc || true)"
  for candidate in "$sysroot"/usr/local/cuda*/bin/nvcc; do
    if [[ ! -x $candidate ]]; then continue; fi
    version=$(nvcc_version "$candidate" || true)
    if [[ -n $version ]] && at_least "$version" "$newest_version"; then
      newest=$candidate newest_version=$version
    fi
  done
  if [[ -n $newest ]]; then consider "$newest"; fi

  if [[ -n $nvcc ]]; then return 0; fi
  say "no CUDA toolkit $minimum_cuda or later found${old_nvcc:+ ($old_nvcc is too old)}: building without CUDA."
  say "To measure NVIDIA GPUs, install the toolkit from NVIDIA's page 'CUDA Toolkit Downloads' (the distribution's own"
  say "nvidia-cuda-toolkit is too old) and run this again; CUDA_HOME=/path/to/cuda names one in another place."
}

# The disassemblers come with the toolkit, lie in PATH, or are needed as wheels.
disassemblers_present() {
  local tool path
  for tool in nvdisasm cuobjdump; do
    path=$(command -v "$tool" || true)
    if [[ ! -x ${nvcc%/*}/$tool && (-z $path || $path == "$root"/.venv/*) ]]; then return 1; fi
  done
}

# --- Debian packages ------------------------------------------------------------------------------------------------

stages=" build " # the stages of packages.txt that are wanted

# missing <required|optional>: prints the packages that are neither installed nor replaced by a command in PATH.
missing() {
  local package stage need command installed=''
  if have dpkg-query; then
    # shellcheck disable=SC2016 # dpkg-query expands these, not the shell
    installed=$(sed -e '/^#/d' -e '/^$/d' -e 's/ .*//' "$root/scripts/packages.txt" |
      xargs dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null || true)
  fi
  while read -r package stage need command _; do
    if [[ -z $package || $package == '#'* || $stages != *" $stage "* || $need != "$1" ]]; then continue; fi
    if [[ $command != - ]] && have "$command"; then continue; fi
    if have dpkg-query; then
      if grep -qxF "$package installed" <<<"$installed"; then continue; fi
    elif [[ $command == - ]]; then
      continue # another distribution: the build says what it does not find
    fi
    printf '%s\n' "$package"
  done <"$root/scripts/packages.txt"
}
purpose() {
  awk -v name="$1" '$1 == name { $1 = $2 = $3 = $4 = ""; sub(/^ +/, ""); print }' "$root/scripts/packages.txt"
}

as_root=()
apt_get() {
  local -a settings=(DEBIAN_FRONTEND=noninteractive)
  local variable
  for variable in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do # sudo would drop them
    if [[ -n ${!variable:-} ]]; then settings+=("$variable=${!variable}"); fi
  done
  "${as_root[@]}" env "${settings[@]}" apt-get -qq -y -o DPkg::Lock::Timeout=120 "$@" </dev/null >>"$log" 2>&1
}
apt_error() {
  local line
  line=$(grep '^E: ' "$log" | tail -n 1 || true)
  printf '%s' "${line:-see $log}"
}

hint='' # what to type, for every later error
install_packages() {
  local -a required optional
  local package
  mapfile -t required < <(missing required)
  mapfile -t optional < <(missing optional)
  if ((${#required[@]} + ${#optional[@]} == 0)); then return 0; fi
  hint="sudo apt-get install --no-install-recommends ${required[*]} ${optional[*]}"

  local why=''
  if [[ $(id -u) != 0 ]]; then as_root=(sudo); fi
  if [[ $install == no ]]; then
    why='--no-install'
  elif ! have apt-get; then
    why='there is no apt-get here: install them, or what your distribution calls them, by hand'
  elif ((${#as_root[@]})) && ! have sudo; then
    why='you are not root and there is no sudo'
  fi
  if [[ -n $why ]]; then
    say "not installed ($why): ${required[*]} ${optional[*]}"
    say "to install: $hint"
    return 0
  fi

  say "installing ${required[*]} ${optional[*]}"
  apt_get update || say "apt-get update failed ($(apt_error)): going on with the package lists that are here"
  if ! apt_get install --no-install-recommends "${required[@]}" "${optional[@]}"; then
    # One bad name fails the whole call: first what must be, then the rest one by one.
    if ((${#required[@]})) && ! apt_get install --no-install-recommends "${required[@]}"; then
      die 2 "apt-get could not install ${required[*]}: $(apt_error). Mend that, or type: $hint"
    fi
    for package in "${optional[@]}"; do
      apt_get install --no-install-recommends "$package" ||
        say "going on without $package ($(purpose "$package")): $(apt_error)"
    done
  fi
  hint=''
}

# What cannot be done without, whatever the package manager says.
require_tools() {
  local command
  for command in cmake c++; do
    have "$command" || die 2 "$command is missing: ${hint:-install it}"
  done
  have ninja || have make || die 2 "ninja is missing: ${hint:-install it}"
}

# --- Python wheels --------------------------------------------------------------------------------------------------

venv=$root/.venv
python=$venv/bin/python

python_works() { "$python" -c '' 2>/dev/null; }
# wheels <file of requirements> <what lacks without them>: into .venv, unless they are there already.
wheels() {
  local stamp=$venv/.installed-${1##*/} key base
  key=$(sha256sum <"$root/scripts/$1")
  if [[ -f $stamp && $(<"$stamp") == "$key" ]] && python_works; then return 0; fi
  if [[ $install == no ]]; then
    say "not installed (--no-install): the Python packages of scripts/$1; $2"
    return 0
  fi
  say "installing the Python packages of scripts/$1 into .venv"
  if ! python_works; then
    base=$sysroot/usr/bin/python3 # the one that Debian's python3-venv belongs to
    if [[ ! -x $base ]]; then base=python3; fi
    if ! "$base" -m venv --clear --system-site-packages "$venv" >>"$log" 2>&1; then
      say "no virtual environment in $venv (see $log; python3-venv is needed); $2"
      return 0
    fi
  fi
  if ! "$python" -m pip install --quiet --disable-pip-version-check -r "$root/scripts/$1" >>"$log" 2>&1; then
    say "pip could not install scripts/$1 ($(grep '^ERROR: ' "$log" | tail -n 1 || true); see $log); $2"
    return 0
  fi
  printf '%s\n' "$key" >"$stamp"
}

# The wheels keep their programs below site-packages: links in .venv/bin give both tools one folder.
link_disassemblers() {
  local tool found
  if [[ ! -d $venv/lib ]]; then return 0; fi
  for tool in nvdisasm cuobjdump; do
    found=$(find "$venv/lib" -path "*/nvidia/*bin/$tool" -type f -perm -u+x 2>/dev/null | sort | tail -n 1)
    if [[ -n $found ]]; then ln -sfn -- "$found" "$venv/bin/$tool"; fi
  done
}

# promtool alone, out of Debian's package: installed, it would start a server.
fetch_promtool() {
  local folder
  if [[ $tests == no || $install == no || ! -d $venv/bin ]] || have promtool || [[ -x $venv/bin/promtool ]]; then return 0; fi
  if ! have apt-get || ! have dpkg-deb; then return 0; fi
  folder=$(mktemp -d)
  if (cd "$folder" && apt-get -qq download prometheus && dpkg-deb -x prometheus_*.deb .) >>"$log" 2>&1 </dev/null; then
    mv -- "$folder/usr/bin/promtool" "$venv/bin/promtool"
  else
    say "going on without promtool (the Prometheus text as Prometheus reads it): $(apt_error)"
  fi
  rm -rf -- "$folder"
}

install_wheels() {
  local lacks="the machine code stays 'unaudited'"
  if [[ $need_disassemblers == yes ]]; then
    wheels python-audit.txt "$lacks"
    link_disassemblers
    if [[ ! -x $venv/bin/nvdisasm || ! -x $venv/bin/cuobjdump ]]; then say "no nvdisasm and cuobjdump: $lacks"; fi
  fi
  if [[ $tests == yes ]]; then wheels python-test.txt 'the tests that need them fail or skip'; fi
}

# --- The build ------------------------------------------------------------------------------------------------------

# cached <name>: the value of a variable in the build folder's cache.
cached() { sed -n "s|^$1:[A-Z]*=||p" "$build/CMakeCache.txt" 2>/dev/null || true; }

# Whether the build folder belongs to another place or another CUDA compiler, which CMake does not forgive.
moved_or_changed() {
  local compiler
  compiler=$(cached CMAKE_CUDA_COMPILER)
  [[ $(cached CMAKE_HOME_DIRECTORY) != "$root" || $(cached CMAKE_CACHEFILE_DIR) != "$build" ||
    (-n $nvcc && -n $compiler && $compiler != "$nvcc") ]]
}

configure() {
  local -a arguments=(-DCMAKE_BUILD_TYPE=Release "-DPEAKPROOF_CUDA=$([[ -n $nvcc ]] && echo ON || echo OFF)")
  if [[ -n $nvcc ]]; then arguments+=("-DCMAKE_CUDA_COMPILER=$nvcc"); fi
  if [[ $need_disassemblers == yes && -x $venv/bin/nvdisasm && -x $venv/bin/cuobjdump ]]; then
    arguments+=("-DPEAKPROOF_TOOLS=$venv/bin")
  else
    arguments+=(-DPEAKPROOF_TOOLS=) # the toolkit's, or those in PATH
  fi
  if python_works; then arguments+=("-DPython3_EXECUTABLE=$python"); fi
  # Tests once configured stay: run.sh after test.sh changes nothing.
  if [[ $tests == yes || $(cached BUILD_TESTING) == ON ]]; then
    arguments+=(-DBUILD_TESTING=ON)
  else
    arguments+=(-DBUILD_TESTING=OFF)
  fi

  local key
  key=$(printf '%s\n' "$root" "${arguments[@]}")
  if [[ -f $build/.setup && $(<"$build/.setup") == "$key" && (-f $build/build.ninja || -f $build/Makefile) ]]; then
    return 0 # the build itself notices a changed CMakeLists.txt
  fi
  rm -f -- "$build/.setup"
  if [[ -f $build/CMakeCache.txt ]] && moved_or_changed; then arguments+=(--fresh); fi
  if [[ ! -f $build/CMakeCache.txt || ${arguments[-1]} == --fresh ]] && have ninja; then arguments+=(-G Ninja); fi
  if [[ -n $nvcc ]]; then
    say "configuring build/ (CUDA $(nvcc_version "$nvcc") at ${nvcc%/bin/nvcc})"
  else
    say 'configuring build/ (without CUDA)'
  fi
  if ! cmake -S "$root" -B "$build" "${arguments[@]}" >>"$log" 2>&1; then
    grep -v '^-- ' "$log" | tail -n 25 >&2 || true
    die 2 "the build could not be configured (whole text: $log)${hint:+; perhaps this helps: $hint}"
  fi
  printf '%s\n' "$key" >"$build/.setup"
}

# One job per core, and about 1.5 GB of memory for each.
compile_jobs() {
  local cores by_memory
  cores=$(nproc)
  by_memory=$(awk '/^MemAvailable:/ { print int($2 / 1500000) }' /proc/meminfo)
  if ((by_memory < 1)); then by_memory=1; fi
  echo $((cores < by_memory ? cores : by_memory))
}

compile() {
  cmake --build "$build" --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$(compile_jobs)}" >&2 ||
    die 2 "the build failed: the first error above says where. A changed system may need a fresh start: rm -r '$build'"
}

find_toolkit
need_disassemblers=no
if [[ -n $nvcc ]] && ! disassemblers_present; then need_disassemblers=yes; fi
if [[ $need_disassemblers == yes || $tests == yes ]]; then stages+="wheels "; fi
if [[ $tests == yes ]]; then stages+="test "; fi
install_packages
require_tools
install_wheels
fetch_promtool
configure
compile
