#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures boots of warm cells: one after the other, and four at once with their memory.
#
#   tests/live/boot_times.sh PROGRAM [CELL] [ROUNDS]      e.g. build/release/bin/coroner nixos 5
#
# Needs root and a cache with the cell's parts (`coroner lab up CELL` once). Prints a table on
# standard output; cells are named bench-* and go down again, on an interrupt too.
set -euo pipefail

program=$(realpath "${1:?the path of coroner is missing}")
cell=${2:-nixos}
rounds=${3:-5}
export CORONER_HOME=${CORONER_HOME:-$(realpath "$(dirname "$0")/../..")}
words=$(mktemp -d)

tidy() {
  for name in bench-1 bench-2 bench-3 bench-4; do
    "$program" lab down "$name" >/dev/null 2>&1 || true
  done
  rm -rf "$words"
}
trap tidy EXIT
trap 'exit 130' INT TERM

now_ms() { date +%s%3N; }

# Milliseconds until `up` said how long the device plugin took, from the launch of the node.
plugin_seconds() { sed -n 's/.*device plugin \([0-9.]*\) s.*/\1/p' "$1"; }

# Megabytes of all processes of the cells named bench-*, shared pages divided among their users.
memory_megabytes() {
  local total=0 pid pss
  for pid in $(grep -sl '/coroner-bench-' /proc/[0-9]*/cgroup | cut -d/ -f3); do
    pss=$(awk '/^Pss:/ {print $2}' "/proc/$pid/smaps_rollup" 2>/dev/null || true)
    total=$((total + ${pss:-0}))
  done
  echo $((total / 1024))
}

median() { sort -n | awk '{a[NR] = $1} END {print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2}'; }

boot() {
  "$program" lab up "$cell" --name "$1" >/dev/null 2>"$words/$1" || { cat "$words/$1" >&2; exit 1; }
}

echo "machine: $(nproc) cores, $(awk '/MemTotal/ {printf "%d", $2 / 1048576}' /proc/meminfo) GiB, kernel $(uname -r)"
boot bench-1 && "$program" lab down bench-1 2>/dev/null    # warms the caches, not counted

printf '%-34s %12s %12s %12s\n' "$cell" 'command s' 'plugin s' 'down s'
: >"$words/commands" >"$words/plugins" >"$words/downs"
for round in $(seq "$rounds"); do
  begin=$(now_ms)
  boot bench-1
  up=$(now_ms)
  "$program" lab down bench-1 2>/dev/null
  down=$(now_ms)
  command_s=$(awk -v ms=$((up - begin)) 'BEGIN {printf "%.1f", ms / 1000}')
  down_s=$(awk -v ms=$((down - up)) 'BEGIN {printf "%.1f", ms / 1000}')
  printf '%-34s %12s %12s %12s\n' "round $round" "$command_s" "$(plugin_seconds "$words/bench-1")" "$down_s"
  echo "$command_s" >>"$words/commands"
  plugin_seconds "$words/bench-1" >>"$words/plugins"
  echo "$down_s" >>"$words/downs"
done
printf '%-34s %12s %12s %12s\n' "median of $rounds" "$(median <"$words/commands")" \
  "$(median <"$words/plugins")" "$(median <"$words/downs")"

begin=$(now_ms)
boots=()
for name in bench-1 bench-2 bench-3 bench-4; do
  boot "$name" &
  boots+=($!)
done
for each in "${boots[@]}"; do wait "$each"; done
elapsed=$(awk -v ms=$(($(now_ms) - begin)) 'BEGIN {printf "%.1f", ms / 1000}')
slowest=$(for name in bench-1 bench-2 bench-3 bench-4; do plugin_seconds "$words/$name"; done | sort -n | tail -1)
printf '%-34s %12s %12s\n' 'four at once' "$elapsed" "$slowest"
printf '%-34s %12s\n' 'four at once: memory, MB' "$(memory_megabytes)"
