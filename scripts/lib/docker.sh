# shellcheck shell=bash
# A Docker engine that answers. One that runs already is used and never stopped; one that we started is remembered,
# so that the same script, or `make demo-clean`, can stop it again.

DOCKER_SOCKET=/var/run/docker.sock
DOCKERD_PIDFILE="$STATE_DIR/dockerd.pid"
DOCKERD_LOG="$STATE_DIR/dockerd.log"

# Whether this very run started it; scripts call each other.
DOCKER_STARTED_HERE=false

docker_answers() { curl -fsS --max-time 5 --unix-socket "$DOCKER_SOCKET" http://docker/_ping >/dev/null 2>&1; }

docker_answers_root() {
  as_root curl -fsS --max-time 5 --unix-socket "$DOCKER_SOCKET" http://docker/_ping >/dev/null 2>&1
}

ensure_docker() {
  ensure_curl
  docker_answers && return 0
  if [[ -S $DOCKER_SOCKET && ! -w $DOCKER_SOCKET ]]; then
    announce_root "asking whether Docker runs"
    if docker_answers_root; then
      open_docker_socket
      return 0
    fi
  fi
  install_docker
  start_docker
  docker_answers || open_docker_socket
}

# Debian 13 ships the client apart from the engine; iptables is only recommended by some releases.
install_docker() {
  command -v dockerd >/dev/null || ensure_commands dockerd:docker.io iptables:iptables
  command -v docker >/dev/null || ensure_commands docker:docker-cli
}

start_docker() {
  DOCKER_STARTED_HERE=true
  announce_root "starting Docker"
  if [[ -d /run/systemd/system ]]; then
    say "Starting Docker with systemctl"
    as_root systemctl start docker
  else
    start_dockerd_in_background
  fi
  local deadline=$((SECONDS + 60))
  until docker_answers || docker_answers_root; do
    ((SECONDS < deadline)) || fail "Docker did not answer on $DOCKER_SOCKET within 60 s." \
      "Its log: $DOCKERD_LOG, or: journalctl -u docker"
    sleep 0.2
  done
}

# Containers and virtual machines without an init system: `service docker start` fails on many of them because it
# wants to change limits, so the engine is started directly. setsid keeps Ctrl-C in this terminal from reaching it.
start_dockerd_in_background() {
  mkdir -p "$STATE_DIR"
  say "Starting dockerd in the background (log: ${DOCKERD_LOG#"$REPOSITORY"/})"
  mount_cgroups
  as_root setsid dockerd --pidfile "$DOCKERD_PIDFILE" --group "$(id -gn)" >"$DOCKERD_LOG" 2>&1 </dev/null &
  disown
}

mount_cgroups() {
  mountpoint -q /sys/fs/cgroup && return 0
  ensure_commands cgroupfs-mount:cgroupfs-mount
  as_root cgroupfs-mount
}

# Gives this one user access to the running engine, until the engine restarts. Membership of the docker group would
# outlive the demo and need a new login.
open_docker_socket() {
  ensure_commands setfacl:acl
  announce_root "letting $(id -un) use the Docker socket until Docker restarts"
  as_root setfacl -m "u:$(id -u):rw" "$DOCKER_SOCKET"
  docker_answers || fail "Docker runs, but $(id -un) may not use $DOCKER_SOCKET." \
    "sudo usermod -aG docker $(id -un), sign in again, and run this again."
}

docker_is_ours() { [[ -f $DOCKERD_PIDFILE ]] && as_root kill -0 "$(cat "$DOCKERD_PIDFILE")" 2>/dev/null; }

stop_docker_if_ours() {
  docker_is_ours || return 0
  local pid deadline=$((SECONDS + 30))
  pid=$(cat "$DOCKERD_PIDFILE")
  say "Stopping the dockerd that we started"
  as_root kill "$pid"
  while as_root kill -0 "$pid" 2>/dev/null; do
    ((SECONDS < deadline)) || fail "dockerd (process $pid) did not stop within 30 s." "Its log: $DOCKERD_LOG"
    sleep 0.2
  done
}

stop_docker_if_started_here() { ! $DOCKER_STARTED_HERE || stop_docker_if_ours; }

# remove_objects_of INSTALLATION: its containers, networks and volumes, and nothing without its label. Images are shared by
# all installations of a machine.
remove_objects_of() {
  [[ -n $1 ]] || return 0
  remove_labelled "dev.devsanctum.installation=$1"
  remove_labelled "dev.devsanctum.helper=$1"
}

remove_labelled() {
  local label=$1
  remove_objects containers 'docker rm --force' "$(docker ps --all --quiet --filter "label=$label")"
  remove_objects networks 'docker network rm' "$(docker network ls --quiet --filter "label=$label")"
  remove_objects volumes 'docker volume rm' "$(docker volume ls --quiet --filter "label=$label")"
}

remove_objects() {
  local noun=$1 command=$2 ids=$3
  [[ -n $ids ]] || return 0
  say "Removing $(wc -l <<<"$ids") $noun"
  # shellcheck disable=SC2086  # words on purpose: a command with its arguments, and ids one per line
  quietly $command $ids
}
