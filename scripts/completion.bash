# SPDX-License-Identifier: Apache-2.0
# Bash completion for coroner and run.sh:  source scripts/completion.bash
# Names of cells, causes and running cells are asked of the program and the checkout, never kept here.

_coroner_matrix() {
  local program=$1 folder
  folder=${CORONER_HOME:-$(dirname "$(readlink -f "$(command -v "$program" 2>/dev/null || printf '%s' "$program")")")}
  while [[ $folder != / ]]; do
    if [[ -f $folder/matrix/lab/components.yaml ]]; then
      printf '%s\n' "$folder/matrix"
      return
    fi
    folder=$(dirname "$folder")
  done
}

_coroner_file_names() {
  local file
  for file in "$1"/*.yaml; do
    [[ -e $file ]] && basename "$file" .yaml
  done
}

_coroner_running() {
  local cache=${CORONER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/coroner} state
  for state in "$cache"/lab/cells/*/state.json; do
    [[ -e $state ]] && basename "$(dirname "$state")"
  done
}

_coroner_causes() {
  "$1" explain --list 2>/dev/null | awk '{ print $1, $3 }'
}

# What may follow the words of a verb that needs no cluster; words[0] is the verb.
_coroner_offline() {
  local program=$1
  shift
  local words=("$@") last=${!#}
  case $last in
    --output)
      case ${words[0]} in
        list) echo text json ;;
        image) compgen -f ;;
        *) echo text short json ;;
      esac
      return
      ;;
    --format) echo text md json; return ;;
    --kubeconfig | --evidence | --replay) compgen -f; return ;;
    --effect) echo reads runs_pods runs_privileged_pods changes_node; return ;;
    --access) echo plain cdi runtime-class nixos-mounts; return ;;
    --fail-on) echo warn; return ;;
    --flaky) echo fail pass; return ;;
    --focus | --skip | --nodes | --image | --context | --namespace | --timeout | --retries | --max-pods) return ;;
    --from) compgen -f; return ;;
    --report-dir) compgen -d; return ;;
  esac
  case ${words[0]} in
    diagnose) compgen -f; echo - --output --help ;;
    explain)
      ((${#words[@]} == 1)) && _coroner_causes "$program"
      echo --list --from --format --help
      ;;
    report) compgen -f; echo --report-dir --output --help ;;
    list)
      ((${#words[@]} == 1)) && echo cases permissions causes cells images
      echo --output --help
      ;;
    image) echo --output --help ;;
    probe)
      echo --kubeconfig --context --via-kubectl --allow-exec --effect --focus --skip --nodes --access --image \
        --pull-secret --namespace --max-pods --retries --timeout --cell --evidence --replay --dry-run \
        --report-dir --output --fail-on --flaky --help
      ;;
    record) echo --kubeconfig --context --via-kubectl --allow-exec --output --host --root --node --timeout --help ;;
    sweep) echo --kubeconfig --context --via-kubectl --allow-exec --yes --unexpired --run --help ;;
  esac
}

# What may follow the words of one `coroner` line; words[0] is the program.
_coroner_words() {
  local program=$1
  shift
  local matrix words=("$@") count=$(($# - 1))
  local last=${words[count - 1]:-}
  matrix=$(_coroner_matrix "$program")
  if ((count == 0)); then
    echo probe diagnose explain image lab list record report sweep --help --version
    return
  fi
  # The last of the words is the one being typed.
  case ${words[0]} in
    probe | diagnose | explain | image | list | record | report | sweep)
      _coroner_offline "$program" "${words[@]:0:count}"
      return
      ;;
  esac
  [[ ${words[0]} == lab ]] || return
  if ((count == 1)); then
    echo up down list kubeconfig shell logs images break mend --help
    return
  fi
  case $last in
    --gpu) echo none simulated real; return ;;
    --profile) _coroner_file_names "$matrix/lab/driver/profiles"; return ;;
    --gpus) echo 1 2 4 8; return ;;
    --name | --port | --patience | --lines) return ;;
  esac
  case ${words[1]} in
    up)
      if ((count == 2)); then _coroner_file_names "$matrix" | grep -vx expectations; fi
      echo --name --gpu --gpus --profile --port --patience
      ;;
    down) _coroner_running; echo --all ;;
    kubeconfig | shell) ((count == 2)) && _coroner_running ;;
    logs)
      case $count in
        2) _coroner_running ;;
        3) echo containerd etcd kube-apiserver kube-controller-manager kube-proxy kube-scheduler kubelet ;;
      esac
      echo --lines
      ;;
    break)
      case $count in
        2) _coroner_file_names "$matrix/lab/breaks" ;;
        3) _coroner_running ;;
      esac
      ;;
    mend)
      case $count in
        2) _coroner_running ;;
        3) _coroner_file_names "$matrix/lab/breaks" ;;
      esac
      ;;
  esac
}

_coroner() {
  local current=${COMP_WORDS[COMP_CWORD]}
  mapfile -t COMPREPLY < <(compgen -W \
    "$(_coroner_words "${COMP_WORDS[0]}" "${COMP_WORDS[@]:1:COMP_CWORD}")" -- "$current")
}

_coroner_run() {
  local current=${COMP_WORDS[COMP_CWORD]} mode= at i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    if [[ ${COMP_WORDS[i]} == --mode ]]; then mode=${COMP_WORDS[i + 1]}; fi
    if [[ ${COMP_WORDS[i]} == -- ]]; then at=$((i + 1)); break; fi
  done
  local choice="--mode --yes --no-install --help --"
  if [[ -n ${at:-} ]]; then
    case $mode in
      test) choice="format unit live" ;;
      build) choice= ;;
      *) choice=$(_coroner_words "${COMP_WORDS[0]}" "$mode" "${COMP_WORDS[@]:at:COMP_CWORD-at+1}") ;;
    esac
  elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == --mode ]]; then
    choice="build lab test probe image diagnose matrix"
  fi
  mapfile -t COMPREPLY < <(compgen -W "$choice" -- "$current")
}

complete -F _coroner coroner
complete -F _coroner_run run.sh ./run.sh
