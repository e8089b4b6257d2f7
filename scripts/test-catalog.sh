#!/usr/bin/env bash
# Every catalog template for real: a workspace is made from each, visited under its host name, stopped, started, visited
# again and destroyed; afterwards nothing with the installation's label may be left.
#
# usage: scripts/test-catalog.sh [TEMPLATE…]     (default: all)

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/docker.sh
. scripts/lib/ports.sh
. scripts/lib/server.sh

ensure_rust
ensure_node
ensure_docker
scripts/test-images.sh
cargo build

# shellcheck disable=SC2034  # read by start_server
ADMIN_EMAIL=catalog@example.com
ADMIN_PASSWORD=$(random_password)
data=$(mktemp -d /tmp/devsanctum-catalog.XXXXXX)
trap 'stop_server; remove_objects_of "$(installation_in "$data")"; rm -rf "$data"; stop_docker_if_started_here' EXIT
start_server "${CARGO_TARGET_DIR:-target}/debug/devsanctum" "$data" "$(free_port)"
SERVER_URL=$SERVER_URL LOGIN=$ADMIN_EMAIL PASSWORD=$ADMIN_PASSWORD node scripts/test-catalog.mjs "$@" ||
  fail 'The catalog does not hold; the last lines of the server:' "$(tail -n 30 "$data/server.log")"
say 'Every template keeps its promises.'
