#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures probes of one healthy cluster: the run against its GPU pod's own time, requests, watches.
#
#   tests/live/probe_times.sh PROGRAM KUBECONFIG [ROUNDS]
#       e.g. build/release/bin/coroner "$(build/release/bin/coroner lab up nixos)" 5
#
# Prints a table on standard output: seconds from the start of a run to its last event, from the GPU
# pod's first event to its last, their ratio, requests until then, watches on pods that were open
# beside those of the cluster itself (needs kubectl; '-' without), seconds until the command ended,
# and requests a second: until the verdict, and of the whole command. What the clean-up asks is
# counted as the most that it can be: four deletes and a look each 700 ms (engine/clean_up.cpp).
# Ends with 1 when the median ratio is above 1.3, a command made more than 5 requests a second on
# average, or more than one watch was open.
set -euo pipefail

program=$(realpath "${1:?the path of coroner is missing}")
kubeconfig=$(realpath "${2:?the kubeconfig of a cluster with a free GPU is missing}")
rounds=${3:-5}
export CORONER_HOME=${CORONER_HOME:-$(realpath "$(dirname "$0")/../..")}
kubectl=${KUBECTL:-kubectl}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM

median() { sort -n | awk '{a[NR] = $1} END {print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2}'; }
milliseconds() { date -d "$1" +%s%3N; }
seconds() { awk -v ms="$1" 'BEGIN {printf "%.1f", ms / 1000}'; }

# Time of the first or last (head, tail) line of standard input that is an event.
time_of() { "$1" -n 1 | sed -n 's/.*"at":"\([^"]*\)".*/\1/p'; }

# Watches on pods that the API server serves now; 0 where nobody can tell.
pod_watches() {
  "$kubectl" --kubeconfig "$kubeconfig" get --raw /metrics 2>/dev/null |
    awk '/^apiserver_longrunning_requests\{/ && /resource="pods"/ && /verb="WATCH"/ && /subresource=""/ {n += $NF} END {print n + 0}' || echo 0
}

"$program" probe --kubeconfig "$kubeconfig" --report-dir "$folder/warm" >/dev/null 2>"$folder/words" ||
  { cat "$folder/words" >&2; exit 1; }

printf '%-6s %6s %6s %6s %9s %8s %10s %14s %12s\n' round 'run s' 'pod s' ratio requests watches 'command s' 'to verdict /s' 'command /s'
: >"$folder/ratios" >"$folder/rates" >"$folder/watches"
for round in $(seq "$rounds"); do
  before=$(pod_watches)
  most=$before
  begin=$(date +%s%3N)
  "$program" probe --kubeconfig "$kubeconfig" --report-dir "$folder/$round" >/dev/null 2>"$folder/words" &
  probe=$!
  while kill -0 "$probe" 2>/dev/null; do
    now=$(pod_watches)
    if ((now > most)); then most=$now; fi
    sleep 0.5
  done
  wait "$probe" || { cat "$folder/words" >&2; exit 1; }
  end=$(date +%s%3N)
  events=$folder/$round/bundle/events.ndjson
  created=$(sed -n 's/.*"created": *"\([^"]*\)".*/\1/p' "$folder/$round/bundle/manifest.json")
  run=$(($(milliseconds "$(time_of tail <"$events")") - $(milliseconds "$created")))
  grep -e '/coroner-smoke-gpu-' "$events" | grep -e '"kind":"object"' -e '"kind":"log"' >"$folder/pod"
  pod=$(($(milliseconds "$(time_of tail <"$folder/pod")") - $(milliseconds "$(time_of head <"$folder/pod")")))
  requests=$(sed -n 's/.*"requests":\([0-9]*\).*"kind":"verdict".*/\1/p' "$events")
  ratio=$(awk -v run="$run" -v pod="$pod" 'BEGIN {printf "%.2f", run / pod}')
  early=$(awk -v run="$run" -v requests="$requests" 'BEGIN {printf "%.1f", requests * 1000 / run}')
  whole=$((end - begin))
  all=$((requests + 4 + 1 + (whole - run) / 700))
  rate=$(awk -v whole="$whole" -v all="$all" 'BEGIN {printf "%.1f", all * 1000 / whole}')
  watches=$((most - before))
  if ((most == 0)); then watches=-; fi
  printf '%-6s %6s %6s %6s %9s %8s %10s %14s %12s\n' "$round" "$(seconds "$run")" "$(seconds "$pod")" "$ratio" \
    "$requests" "$watches" "$(seconds "$whole")" "$early" "$rate"
  echo "$ratio" >>"$folder/ratios"
  echo "$rate" >>"$folder/rates"
  echo "${watches/-/0}" >>"$folder/watches"
done
ratio=$(median <"$folder/ratios")
rate=$(sort -n "$folder/rates" | tail -n 1)
watches=$(sort -n "$folder/watches" | tail -n 1)
echo "median ratio $ratio (bound 1.3), most requests a second $rate (bound 5), most watches on pods $watches (bound 1)"
awk -v ratio="$ratio" -v rate="$rate" -v watches="$watches" 'BEGIN {exit !(ratio <= 1.3 && rate <= 5 && watches <= 1)}'
