#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The project's front door: installs what is missing, builds once, then runs one mode.
# Results go to stdout, everything for people to stderr, and the exit code is that of what ran.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: run.sh --mode MODE [--yes] [--no-install] [-- ARGUMENTS]

  build      only build; prints the path of the program
  lab        coroner lab ARGUMENTS: real Kubernetes on this machine (root, Go 1.24 or newer)
  test       format, unit and live tests; -- format, -- unit or -- live runs one part;
             -- sanitizers, -- fuzz [SECONDS] and -- tidy run what is nightly
  probe      coroner probe ARGUMENTS
  image      coroner image ARGUMENTS
  diagnose   coroner diagnose ARGUMENTS
  matrix     coroner matrix ARGUMENTS

  --yes         install missing Debian packages without asking (also when CI=true)
  --no-install  use what this machine has, whatever cmake/packages.txt names

Exit codes of its own: 2 wrong words or a mode that is not built yet, 3 something is missing here.
TEXT
}

say() { printf '%s\n' "$*" >&2; }
fail() { local code=$1; shift; say "run.sh: $*"; exit "$code"; }

root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
release=$root/build/release
program=$release/bin/coroner

mode=
is_agreed=no
may_install=yes
if [[ ${CI:-} == true ]]; then is_agreed=yes; fi
while (($# > 0)); do
  case $1 in
    --mode) [[ $# -ge 2 ]] || fail 2 "--mode needs a word (see run.sh --help)"; mode=$2; shift ;;
    --mode=*) mode=${1#--mode=} ;;
    --yes | -y) is_agreed=yes ;;
    --no-install) may_install=no ;;
    --help | -h) usage; exit 0 ;;
    --) shift; break ;;
    *) fail 2 "unknown word '$1' (see run.sh --help; words for coroner come after --)" ;;
  esac
  shift
done

# --- what the machine must have ---------------------------------------------------------------

# Names of cmake/packages.txt below the headings given.
packages_of() {
  awk -v wanted=" $* " '/^#/ { group = $2; next }
    NF && index(wanted, " " group " ") { print $1 }' "$root/cmake/packages.txt"
}

# Those of the names given that dpkg does not know as installed.
missing_of() {
  local installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  local name
  for name in "$@"; do
    grep -qxF "installed $name" <<<"$installed" || printf '%s\n' "$name"
  done
}

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"; return; fi
  command -v sudo >/dev/null || fail 3 "installing needs root, and there is no sudo: run as root"
  sudo "$@"
}

agree() {
  [[ $is_agreed == yes ]] && return
  [[ -t 0 ]] || fail 3 "nobody to ask: run with --yes, or install them yourself"
  local answer
  read -r -p "Install them now? [y/N] " answer
  [[ $answer == [yY]* ]] || fail 3 "nothing was installed (--no-install goes on without)"
}

install_packages() {
  local names missing
  mapfile -t names < <(packages_of "$@")
  mapfile -t missing < <(missing_of "${names[@]}")
  ((${#missing[@]} == 0)) && return
  say "run.sh: these Debian packages are missing: ${missing[*]}"
  agree
  local get=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120)
  as_root "${get[@]}" update >&2 || say "run.sh: apt-get update failed; trying with what is known"
  as_root "${get[@]}" install -y --no-install-recommends "${missing[@]}" >&2 </dev/null ||
    fail 3 "apt-get could not install them; their names are those of Debian 12." \
      "Elsewhere install their like yourself and run again with --no-install"
}

# Where there is no apt: the programs must be there; CMake names a library that is not.
check_programs() {
  local program_name missing=()
  for program_name in cmake ninja pkg-config "${CXX:-c++}"; do
    command -v "$program_name" >/dev/null || missing+=("$program_name")
  done
  ((${#missing[@]} == 0)) && return
  say "run.sh: not found: ${missing[*]}. There is no apt here, so nothing is installed. Needed:"
  say "  a C++20 compiler (g++ 12 or newer), CMake 3.25 or newer, Ninja, pkg-config, and with headers:"
  say "  GoogleTest, libcurl, yaml-cpp, nlohmann_json, Boost 1.81 or newer, fmt, CLI11, tl-expected,"
  fail 3 "libarchive, OpenSSL 3, RE2"
}

provide_packages() {
  [[ $may_install == yes ]] || return 0
  if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    install_packages "$@"
  else
    check_programs
  fi
}

has_go() {
  local version
  version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
  [[ $version =~ ^go([0-9]+)\.([0-9]+) ]] || return 1
  ((BASH_REMATCH[1] > 1 || BASH_REMATCH[2] >= 24))
}

demand_go() {
  has_go && return
  local found
  found=$(command -v go >/dev/null && go version 2>/dev/null || echo "none on PATH")
  say "run.sh: the lab builds Kubernetes and NVIDIA's parts from source and needs Go 1.24 or newer"
  say "  found: $found"
  say "  from:  https://go.dev/dl (unpack it, put its bin/ on PATH), or your distribution's package"
  say "         where it is new enough (Debian 13: golang-go; Debian 12's is 1.19, too old)"
  exit 3
}

# A cell whose parts are all in the cache needs no Go; the program itself knows what it must build.
has_lab_parts() {
  local cache=${CORONER_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/coroner}
  [[ -n $(find "$cache/lab/components" -mindepth 1 -maxdepth 1 -print -quit 2>/dev/null) ]]
}

# --- building -----------------------------------------------------------------------------------

# A preset's folder, configured. One that was configured for a checkout elsewhere is made anew.
configure() {
  local preset=$1 cache=$root/build/$1/CMakeCache.txt
  if [[ -f $root/build/$preset/build.ninja ]] &&
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache"; then
    return
  fi
  (cd "$root" && cmake --fresh --preset "$preset") >&2
}

build() {
  local preset=$1
  shift
  configure "$preset"
  (cd "$root" && cmake --build --preset "$preset" ${1:+--target "$@"}) >&2
}

# Whether no source is newer than the last complete build. Folders count: a file that went away
# changes its folder's time.
is_built() {
  [[ -x $program && -f $release/.complete ]] || return 1
  local source sources=()
  for source in CMakeLists.txt CMakePresets.json cmake harness graveyard manifests matrix/lab/driver \
    matrix/lab/pause payload reports suites tests; do
    [[ -e $root/$source ]] && sources+=("$root/$source")
  done
  [[ -z $(find "${sources[@]}" -newer "$release/.complete" -print -quit) ]]
}

# Further targets of the release folder are built each time; the program only when it is not new.
build_release() {
  if (($# == 0)) && is_built; then return; fi
  provide_packages build
  mkdir -p "$release"
  # Two starts at once build one after the other; the second finds everything done.
  (
    flock 9
    if (($# == 0)) && is_built; then exit 0; fi
    touch "$release/.begun"
    say "run.sh: building coroner (once; later starts take no time)"
    build release coroner "$@"
    mv "$release/.begun" "$release/.complete"
  ) 9>"$release/.lock"
}

# --- modes --------------------------------------------------------------------------------------

run_verb() {
  local verb=$1
  shift
  build_release
  local verbs
  verbs=$("$program" --help)
  grep -qE "^  $verb( |\$)" <<<"$verbs" ||
    fail 2 "--mode $verb is not built yet (docs/roadmap.md says what is)"
  exec "$program" "$verb" "$@"
}

run_lab() {
  provide_packages lab
  if [[ ${1:-} == up ]] && ! has_lab_parts; then demand_go; fi
  run_verb lab "$@"
}

test_format() {
  say "== format"
  "$root/scripts/format" --check >&2
}

test_unit() {
  say "== unit: debug build, warnings are errors"
  build ci
  (cd "$root" && ctest --preset ci -j "$(nproc)")
}

# An hour of building on two cores: nightly, and before a change of a parser.
test_sanitizers() {
  say "== unit tests with AddressSanitizer and UBSan"
  build dev
  (cd "$root" && ctest --preset unit -j "$(nproc)")
}

test_live() {
  say "== live: real Kubernetes with simulated GPUs"
  if [[ ${CORONER_REQUIRE_LIVE:-} == 1 ]]; then demand_go; fi
  build ci coroner live_tests
  (cd "$root" && ctest --preset live)
}

# SECONDS: how long each target of the parsers is fed.
test_fuzz() {
  say "== fuzz targets with AddressSanitizer and UBSan, ${1:-60} s each"
  "$root/scripts/fuzz" "${1:-60}" >&2
}

test_tidy() {
  say "== clang-tidy"
  configure ci
  "$root/scripts/tidy" "$root/build/ci"
}

run_test() {
  local part=${1:-all} groups=(build lab test)
  case $part in
    all | format | unit | live | sanitizers) ;;
    fuzz | tidy) groups+=(nightly) ;;
    *)
      fail 2 "no such part of the tests: '$part' (format, unit, live; sanitizers, fuzz, tidy;" \
        "none: the first three)"
      ;;
  esac
  provide_packages "${groups[@]}"
  if [[ $part == all || $part == format ]]; then test_format; fi
  if [[ $part == all || $part == unit ]]; then test_unit; fi
  if [[ $part == all || $part == live ]]; then test_live; fi
  if [[ $part == sanitizers ]]; then test_sanitizers; fi
  if [[ $part == fuzz ]]; then test_fuzz "${2:-}"; fi
  if [[ $part == tidy ]]; then test_tidy; fi
}

case $mode in
  '') usage >&2; exit 2 ;;
  build) build_release; printf '%s\n' "$release/coroner" ;;
  lab) run_lab "$@" ;;
  test) run_test "$@" ;;
  probe | image | diagnose | matrix) run_verb "$mode" "$@" ;;
  *) fail 2 "no mode '$mode' (build, lab, test, probe, image, diagnose, matrix)" ;;
esac
