#!/usr/bin/env bash
# Every check of the project, on a real Docker and a real PostgreSQL. Goes on after a failure and ends with a table of
# what held; nothing is skipped.

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/docker.sh
. scripts/lib/ports.sh
. scripts/lib/postgres.sh
. scripts/lib/traefik.sh
. scripts/lib/web.sh
. scripts/lib/lint.sh

RESULTS=()
FAILURES=0

main() {
  trap 'stop_postgres; stop_docker_if_started_here' EXIT
  stage 'What the tests need'
  ensure_curl
  ensure_commands git:git shellcheck:shellcheck
  ensure_static_busybox
  ensure_independent_implementations
  ensure_rust
  ensure_node
  ensure_chromium
  ensure_docker
  ensure_traefik
  start_postgres
  export DEVSANCTUM_TEST_DOCKER="unix://$DOCKER_SOCKET"
  stage_done

  check 'web dependencies' install_web_dependencies
  check 'web lint' npm --prefix web run lint
  check 'web types' npm --prefix web run typecheck
  check 'web tests' npm --prefix web run test
  check 'web build' npm --prefix web run build
  check 'web size' npm --prefix web run size
  check 'web screens' npm --prefix web run screenshots
  check 'scripts' lint_scripts
  check 'rust format' cargo fmt --check
  check 'rust lint' lint_rust
  check 'test images' scripts/test-images.sh
  check 'rust tests' cargo test --no-fail-fast
  check 'generated files' scripts/generate.sh --check
  check 'catalog' scripts/test-catalog.sh
  check 'compose' scripts/test-compose.sh
  check 'lighthouse' scripts/lighthouse.sh
  check 'end to end' test_end_to_end
  report
}

# check NAME COMMAND…
check() {
  local name=$1 began=$SECONDS outcome=ok
  shift
  printf '\n'
  stage "$name"
  # Not `if "$@"`: bash would then ignore `set -e` inside of it.
  set +e
  (
    set -e
    "$@"
  )
  local status=$?
  set -e
  if ((status != 0)); then
    outcome='FAILED'
    FAILURES=$((FAILURES + 1))
    printf '%sFAILED: %s (status %d)%s\n' "$RED" "$name" "$status" "$PLAIN"
  fi
  stage_done
  RESULTS+=("$(printf '%-18s %-7s %s' "$name" "$outcome" "$(duration $((SECONDS - began)))")")
}

test_end_to_end() {
  cargo build
  shield_chromium
  DEVSANCTUM_E2E_BINARY="$(realpath "${CARGO_TARGET_DIR:-target}")/debug/devsanctum" npm --prefix web run e2e
}

report() {
  local took
  took=$(duration $((SECONDS - SCRIPT_BEGAN)))
  printf '\n%s%s%s\n' "$BOLD" 'Summary' "$PLAIN"
  printf '  %s\n' "${RESULTS[@]}"
  if ((FAILURES > 0)); then
    printf '%s%d of %d checks failed%s after %s\n' "$RED" "$FAILURES" "${#RESULTS[@]}" "$PLAIN" "$took"
    exit 1
  fi
  printf '%sAll %d checks passed%s in %s\n' "$GREEN" "${#RESULTS[@]}" "$PLAIN" "$took"
}

main
