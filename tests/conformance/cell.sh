#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# begin: boots a cell and probes it once, the record goes to DIRECTORY; end: takes the cell down.
# The verdict of the run is no matter of this script: each entry of ctest reads its own from the record.
set -euo pipefail
action=$1 program=$2 cell=$3 name=$4 directory=$5
case $action in
  begin)
    if [[ $(id -u) != 0 ]]; then
      echo "the lab needs root" >&2
      [[ ${CORONER_REQUIRE_LIVE:-} == 1 ]] && exit 1
      exit 77
    fi
    rm -rf "$directory"
    kubeconfig=$("$program" lab up "$cell" --name "$name")
    "$program" probe --kubeconfig "$kubeconfig" --cell "$cell" --report-dir "$directory" || true
    [[ -s $directory/report.json ]]
    ;;
  end) "$program" lab down "$name" ;;
esac
