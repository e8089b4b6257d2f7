#!/usr/bin/env bash
# The images that tests and the catalog use, under their Docker Hub names: those already here are kept, others are
# pulled, and where Docker Hub cannot be reached stand-ins are built from Debian and npm packages. A stand-in carries
# the label dev.devsanctum.stand-in, and behaves like the real one as far as our templates go.
#
# usage: scripts/test-images.sh [IMAGE…]     (default: all)
#        scripts/test-images.sh --remove     (removes the stand-ins)

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/docker.sh

STAND_INS=scripts/stand-ins
LABEL=dev.devsanctum.stand-in
# What a stand-in was built from, so that one is built again when that changes.
SOURCE_LABEL=dev.devsanctum.stand-in.source
BASE=debian:bookworm-slim
IMAGES=("$BASE" postgres:15-alpine nginx:alpine python:3.12-slim node:22-slim codercom/code-server:latest)
# Debian's client has no buildx, and the classic builder is all that a stand-in needs.
export DOCKER_BUILDKIT=0

HUB_ANSWERS=true

main() {
  local image
  ensure_docker
  ensure_node
  if [[ ${1-} == --remove ]]; then
    remove_stand_ins
    return
  fi
  (($# == 0)) && set -- "${IMAGES[@]}"
  for image in "$@"; do
    stage "$image"
    ensure_image "$image"
  done
  stage_done
}

ensure_image() {
  local image=$1
  if docker image inspect "$image" >/dev/null 2>&1 && is_stale "$image"; then
    say 'is a stand-in of before: building it again'
    build_stand_in "$image"
  elif docker image inspect "$image" >/dev/null 2>&1; then
    say "is here$(is_stand_in "$image" && echo ' (a stand-in)')"
  elif $HUB_ANSWERS && pull "$image"; then
    say 'pulled'
  else
    HUB_ANSWERS=false
    say 'cannot be pulled: building a stand-in'
    build_stand_in "$image"
  fi
}

pull() { timeout 300 docker pull --quiet "$1" >/dev/null 2>&1; }

is_stand_in() { [[ $(label_of "$1" "$LABEL") == true ]]; }

is_stale() {
  [[ $1 != "$BASE" ]] && is_stand_in "$1" && [[ $(label_of "$1" "$SOURCE_LABEL") != "$(source_of "$1")" ]]
}

label_of() { docker image inspect --format "{{index .Config.Labels \"$2\"}}" "$1"; }

directory_of() { printf '%s/%s' "$STAND_INS" "$(basename "${1%%:*}")"; }

source_of() {
  local directory
  directory=$(directory_of "$1")
  (cd "$directory" && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
}

build_stand_in() {
  local image=$1 context
  if [[ $image == "$BASE" ]]; then
    bootstrap_debian
    return
  fi
  context=$(mktemp -d)
  cp -r "$(directory_of "$image")/." "$context"
  ensure_base_of "$context/Dockerfile"
  [[ $image != node:* ]] || fetch_node "$context/node"
  quietly docker build --label "$LABEL=true" --label "$SOURCE_LABEL=$(source_of "$image")" --tag "$image" "$context"
  rm -rf "$context"
}

ensure_base_of() {
  local base
  base=$(sed -n 's/^FROM \([^ ]*\).*/\1/p' "$1" | head -n1)
  docker image inspect "$base" >/dev/null 2>&1 || build_stand_in "$base"
}

# The system's own certificates go in, so that builds work behind a proxy that this machine trusts; ca-certificates
# picks them up when it is installed.
bootstrap_debian() {
  ensure_commands mmdebstrap:mmdebstrap
  announce_root 'unpacking a Debian base system into an image'
  local tarball
  tarball=$(mktemp --suffix=.tar)
  # shellcheck disable=SC2016  # $1 is mmdebstrap's: the directory of the new system
  quietly as_root mmdebstrap --variant=minbase --skip=output/dev \
    --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='mkdir -p "$1/usr/local/share/ca-certificates"' \
    --customize-hook='upload /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates/host.crt' \
    bookworm "$tarball"
  docker import --change "LABEL $LABEL=true" --change 'CMD ["bash"]' \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' "$tarball" "$BASE" >/dev/null
  as_root rm "$tarball"
}

remove_stand_ins() {
  local ids
  ids=$(docker images --quiet --filter "label=$LABEL=true" | sort -u)
  [[ -n $ids ]] || return 0
  # shellcheck disable=SC2086  # one argument per id
  docker rmi --force $ids
}

main "$@"
