#!/usr/bin/env bash
# From a fresh clone to a workspace that answers under its own host name.
# `make demo`; Ctrl-C stops the server; `make demo-clean` removes what stays.

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/docker.sh
. scripts/lib/web.sh
. scripts/lib/ports.sh
. scripts/lib/server.sh

DEMO_DIR="$STATE_DIR/demo"
ADMIN_EMAIL=admin@example.com

main() {
  stage 'Toolchains'
  ensure_curl
  ensure_commands git:git
  ensure_rust
  ensure_node
  stage 'Web app'
  build_web
  stage 'Server (the first time compiles all dependencies)'
  cargo build --profile "$DEMO_PROFILE"
  stage 'Docker'
  ensure_docker
  say "Docker $(docker version --format '{{.Server.Version}}') answers"
  stage 'Start'
  start_demo_server
  stage 'Workspace "hello" from the catalog'
  create_workspace
  stage_done
  invite
  wait "$SERVER_PID" || true
  fail "The server ended by itself; its log: $DEMO_DIR/server.log"
}

# Optimised like the release, but without the link-time optimisation that doubles the time to a first workspace.
DEMO_PROFILE=demo

start_demo_server() {
  server_runs_in "$DEMO_DIR" && fail "The demo runs already (process $(<"$DEMO_DIR/server.pid"))." \
    "Stop it with Ctrl-C where it runs, or: make demo-clean"
  local port=${DEVSANCTUM_DEMO_PORT:-7080}
  if port_is_taken "$port"; then
    say "Port $port is taken on this machine"
    port=$(free_port)
  fi
  mkdir -p "$DEMO_DIR"
  [[ -s $DEMO_DIR/password ]] || (umask 077 && random_password >"$DEMO_DIR/password")
  ADMIN_PASSWORD=$(<"$DEMO_DIR/password")
  trap 'farewell' INT TERM HUP
  trap 'stop_server' EXIT
  start_server "${CARGO_TARGET_DIR:-target}/$DEMO_PROFILE/devsanctum" "$DEMO_DIR" "$port"
  say "Listening on $SERVER_URL"
}

create_workspace() {
  WORKSPACE_URL=$(SERVER_URL=$SERVER_URL LOGIN=$ADMIN_EMAIL PASSWORD=$ADMIN_PASSWORD node scripts/demo-workspace.mjs hello)
  answers_200 "$WORKSPACE_URL" || fail "$WORKSPACE_URL does not answer 200." "The server's log: $DEMO_DIR/server.log"
}

invite() {
  cat <<END

  ${BOLD}$WORKSPACE_URL${PLAIN}   the workspace: it answers 200
  ${BOLD}$SERVER_URL${PLAIN}   DevSanctum: sign in as $ADMIN_EMAIL, password $ADMIN_PASSWORD
  $SERVER_URL/docs   its API

  From nothing to here: $(duration $((SECONDS - SCRIPT_BEGAN))). Ctrl-C stops the server.
END
}

# shellcheck disable=SC2317  # called by the trap
farewell() {
  trap - INT TERM HUP
  printf '\n'
  say 'Stopping the server'
  stop_server
  say 'The workspace keeps running; its data, the images and .devsanctum/demo stay.'
  say 'make demo takes them up again, make demo-clean removes them.'
  exit 130
}

main
