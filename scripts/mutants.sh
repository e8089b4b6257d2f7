#!/usr/bin/env bash
# Plants each bug of tests/mutations.json in a copy of the sources, one at a time, and runs the test that must catch it.
# Takes some minutes; `scripts/mutants.sh NAME…` plants only those.

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/docker.sh
. scripts/lib/ports.sh
. scripts/lib/postgres.sh

trap 'stop_postgres; stop_docker_if_started_here' EXIT
ensure_curl
ensure_commands git:git
ensure_static_busybox
ensure_rust
ensure_node
ensure_docker
start_postgres
export DEVSANCTUM_TEST_DOCKER="unix://$DOCKER_SOCKET"
node scripts/mutants.mjs "$@"
