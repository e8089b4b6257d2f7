#!/usr/bin/env bash
# Removes what `make demo` left: its server, its workspaces' containers, networks and volumes, its data, and the dockerd
# that it started. Objects without the demo installation's label are not touched. Images are shared by all installations
# of a machine and stay.

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/docker.sh
. scripts/lib/server.sh

DEMO_DIR="$STATE_DIR/demo"

main() {
  stop_server_of "$DEMO_DIR"
  if [[ -s $DEMO_DIR/server.log ]]; then
    ensure_docker
    remove_objects_of "$(installation_in "$DEMO_DIR")"
  fi
  rm -rf "$DEMO_DIR"
  stop_docker_if_ours
  say 'Nothing of the demo is left. Packages, toolchains and images stay, and build output until make clean.'
}

main
