#!/usr/bin/env bash
# The server from a debug build, and Vite with hot reloading in front of it. Ctrl-C stops both.

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/docker.sh
. scripts/lib/web.sh
. scripts/lib/server.sh

DEV_DIR="$STATE_DIR/dev"

# shellcheck disable=SC2034  # read by start_server
ADMIN_EMAIL=dev@example.com
# shellcheck disable=SC2034
ADMIN_PASSWORD=devsanctum-on-my-machine

stage 'What development needs'
ensure_rust
ensure_docker
install_web_dependencies
stage 'Server'
cargo build
server_runs_in "$DEV_DIR" && fail "A development server runs already (process $(<"$DEV_DIR/server.pid"))."
trap 'stop_server' EXIT
start_server "${CARGO_TARGET_DIR:-target}/debug/devsanctum" "$DEV_DIR" 7080
stage_done
say "API at $SERVER_URL/docs, log in .devsanctum/dev/server.log"
say "Sign in as $ADMIN_EMAIL, password $ADMIN_PASSWORD"
DEVSANCTUM_URL=$SERVER_URL npm --prefix web run dev
