# shellcheck shell=bash
# The web app. It is built before the binary, which embeds web/dist.

WEB_DEPENDENCIES_MARK=web/node_modules/.installed-from

# In the versions of the lock file, which is not written. Not `npm ci`: it wants every platform's optional binaries in the
# lock file, and npm records only those that the registry it was made with could offer.
install_web_dependencies() {
  ensure_node
  local lock
  lock=$(sha256sum web/package-lock.json)
  [[ -f $WEB_DEPENDENCIES_MARK && $(cat "$WEB_DEPENDENCIES_MARK") == "$lock" ]] && return 0
  # The browser tests use the system's Chromium.
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 quietly npm --prefix web install --no-save --no-audit --no-fund
  printf '%s' "$lock" >"$WEB_DEPENDENCIES_MARK"
}

build_web() {
  install_web_dependencies
  quietly npm --prefix web run build
}

ensure_chromium() {
  if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
    ensure_commands chromium:chromium
    install_packages fonts-liberation
  fi
  CHROMIUM=$(command -v chromium || command -v google-chrome)
  export CHROMIUM
}

# Docker's interfaces come and go, and Chromium would take each for a change of the network: see web/e2e/no-netlink.c.
# Sets CHROMIUM_PRELOAD.
shield_chromium() {
  mkdir -p "$STATE_DIR"
  CHROMIUM_PRELOAD="$STATE_DIR/no-netlink.so"
  cc -shared -fPIC -O1 -o "$CHROMIUM_PRELOAD" web/e2e/no-netlink.c -ldl
  export CHROMIUM_PRELOAD
}
