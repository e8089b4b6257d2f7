# shellcheck shell=bash
# One line per stage with the time it took, so that a person sees what the machine is doing.

# Called when a script starts: everything later may rely on these.
set -euo pipefail
REPOSITORY=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$REPOSITORY"

# Our own state on this machine (a background dockerd, the demo's data): never committed.
# shellcheck disable=SC2034  # read by the other files of this directory
STATE_DIR="$REPOSITORY/.devsanctum"

SCRIPT_BEGAN=$SECONDS
STAGE_NAME=''
STAGE_BEGAN=0

# shellcheck disable=SC2034  # read by the other files of this directory
if [[ -t 1 ]]; then
  BOLD=$'\e[1m' RED=$'\e[31m' GREEN=$'\e[32m' DIM=$'\e[2m' PLAIN=$'\e[0m'
else
  BOLD='' RED='' GREEN='' DIM='' PLAIN=''
fi

duration() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

stage() {
  stage_done
  STAGE_NAME=$1
  STAGE_BEGAN=$SECONDS
  printf '%s[%s] %s%s\n' "$BOLD" "$(duration $((SECONDS - SCRIPT_BEGAN)))" "$STAGE_NAME" "$PLAIN"
}

stage_done() {
  [[ -n $STAGE_NAME ]] || return 0
  printf '%s       %s: %s%s\n' "$DIM" "$STAGE_NAME" "$(duration $((SECONDS - STAGE_BEGAN)))" "$PLAIN"
  STAGE_NAME=''
}

say() { printf '       %s\n' "$*"; }

# fail WHAT REMEDY…: one line of what happened, one per remedy, and the script ends.
fail() {
  printf '%serror:%s %s\n' "$RED" "$PLAIN" "$1" >&2
  shift
  local remedy
  for remedy in "$@"; do printf '%s\n' "$remedy" | sed 's/^/       /' >&2; done
  exit 1
}

# Runs a noisy command with its output in a file, shown only when the command fails.
quietly() {
  local log status=0
  log=$(mktemp "${TMPDIR:-/tmp}/devsanctum.XXXXXX")
  "$@" >"$log" 2>&1 || status=$?
  ((status == 0)) || cat "$log" >&2
  rm -f "$log"
  return "$status"
}
