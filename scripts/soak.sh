#!/usr/bin/env bash
# The heavy proofs of the proxies, on the one in the binary and on a real Traefik in each mode: 1,000 routes that change
# for a minute, 10,000 routes, and 50 restarts of Traefik, all under load. `make test` runs the same cases with small
# numbers. Ends with a table of what was measured; a wrong answer fails.
#
# usage: scripts/soak.sh [FILTER…]      for example: scripts/soak.sh restarts    or: scripts/soak.sh traefik_rest

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/traefik.sh

AREA=contract::proxy
CASES='churn::every_answer_is_from_the_right_workspace|scale::all_of_many_routes|restarts::'

main() {
  local tests output case status=0
  ensure_curl
  ensure_rust
  ensure_traefik
  stage 'Build'
  cargo test --test integration --no-run
  tests=$(cargo test --test integration --no-run 2>&1 | sed -nE 's/.*Executable .*\((.*)\)$/\1/p')
  output=$(mktemp "${TMPDIR:-/tmp}/devsanctum-soak.XXXXXX")
  # shellcheck disable=SC2064  # the name is known now
  trap "rm -f '$output'" EXIT
  # Each in a process of its own, so that its memory is its own.
  while read -r case; do
    wanted "$case" "$@" || continue
    stage "${case#"$AREA"::}, load $(cut -d ' ' -f 1 /proc/loadavg)"
    DEVSANCTUM_SOAK=all "$tests" --exact --nocapture "$case" 2>&1 | tee -a "$output" |
      sed -n 's/^figure | /       /p; /panicked/,$p' || status=1
  done < <("$tests" --list | sed -n 's/: test$//p' | grep "^$AREA::" | grep -E "$CASES")
  stage_done
  printf '\n%sFigures%s, %s cores, load %s\n' "$BOLD" "$PLAIN" "$(nproc)" "$(cut -d ' ' -f 1-3 /proc/loadavg)"
  sed -n 's/^figure | /| /p' "$output" | sort | sed 's/$/ |/'
  return "$status"
}

# wanted CASE FILTER…: without filters, all are.
wanted() {
  local case=$1 filter
  shift
  (($#)) || return 0
  for filter in "$@"; do
    [[ $case == *"$filter"* ]] && return 0
  done
  return 1
}

main "$@"
