#!/usr/bin/env bash
# What Lighthouse says of the web app, signed in, on a real server with a running workspace. The reports are in
# web/test-results/lighthouse.

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/docker.sh
. scripts/lib/ports.sh
. scripts/lib/server.sh
. scripts/lib/web.sh

ensure_rust
ensure_node
ensure_chromium
ensure_docker
build_web
cargo build

export LOGIN=lighthouse@example.com
PASSWORD=$(random_password)
export PASSWORD
# shellcheck disable=SC2034  # read by start_server
ADMIN_EMAIL=$LOGIN
# shellcheck disable=SC2034
ADMIN_PASSWORD=$PASSWORD
data=$(mktemp -d /tmp/devsanctum-lighthouse.XXXXXX)
trap 'stop_server; remove_objects_of "$(installation_in "$data")"; rm -rf "$data"; stop_docker_if_started_here' EXIT
start_server "${CARGO_TARGET_DIR:-target}/debug/devsanctum" "$data" "$(free_port)"
export SERVER_URL
workspace=$(node scripts/lighthouse-workspace.mjs)
npm --prefix web run lighthouse -- home=/ "workspace=/workspaces/$workspace"
