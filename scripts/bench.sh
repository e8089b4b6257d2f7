#!/usr/bin/env bash
# Figures of this machine, each beside its floor measured in the same run. Ratios are the result; absolute times on a
# shared machine are noise.
#
# Measured so far: create, start of a stopped workspace, and 20 creates at once, against Docker's API called bare.
# Not yet: the proxy against nginx and Traefik, the REST API under load, memory, cold start.

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/docker.sh
. scripts/lib/web.sh
. scripts/lib/ports.sh
. scripts/lib/server.sh

stage 'Release build'
ensure_rust
build_web
cargo build --release
stage 'Server'
ensure_docker
# shellcheck disable=SC2034  # read by start_server
ADMIN_EMAIL=bench@example.com
ADMIN_PASSWORD=$(random_password)
data=$(mktemp -d /tmp/devsanctum-bench.XXXXXX)
trap 'stop_server; remove_objects_of "$(installation_in "$data")"; rm -rf "$data"; stop_docker_if_started_here' EXIT
start_server "${CARGO_TARGET_DIR:-target}/release/devsanctum" "$data" "$(free_port)"
stage 'Create and start'
SERVER_URL=$SERVER_URL LOGIN=$ADMIN_EMAIL PASSWORD=$ADMIN_PASSWORD DOCKER_SOCKET=$DOCKER_SOCKET \
  node scripts/bench-create.mjs "$@"
stage_done
