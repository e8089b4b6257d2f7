# shellcheck shell=bash
# Debian and its relatives are installed to; elsewhere we name what is missing.

# Makes a login shell's administrator commands (dockerd, iptables, debootstrap) visible to ordinary users too.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

# ensure_commands COMMAND:PACKAGES…: installs what the missing ones of these commands need.
ensure_commands() {
  local pair packages missing_packages=() missing_commands=()
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null && continue
    missing_commands+=("${pair%%:*}")
    read -ra packages <<<"${pair#*:}"
    missing_packages+=("${packages[@]}")
  done
  ((${#missing_commands[@]})) || return 0
  command -v apt-get >/dev/null || fail "Missing here: ${missing_commands[*]}." \
    "This script installs packages with apt-get only; please install these by your system's means and run it again."
  install_packages "${missing_packages[@]}"
}

# Without its certificates, curl can open no https address.
ensure_curl() { ensure_commands 'curl:curl ca-certificates'; }

install_packages() {
  announce_root "apt-get install $*"
  say "Installing $*"
  quietly apt_get update
  quietly apt_get install -y --no-install-recommends "$@"
}

# Waits for another apt (unattended upgrades on a fresh machine) instead of failing.
apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

# Tests make an image of this one file; a busybox that needs libraries would not run in it.
ensure_static_busybox() {
  [[ -x /bin/busybox ]] && ! ldd /bin/busybox >/dev/null 2>&1 && return 0
  command -v apt-get >/dev/null || fail "A statically linked /bin/busybox is missing." "Install one and run this again."
  install_packages busybox-static
}

# What tests compare us with: a mail server and a library for JSON Web Tokens, both for the system's own Python, and a
# generator of one-time codes. Elsewhere, DEVSANCTUM_TEST_PYTHON names an interpreter that has both.
ensure_independent_implementations() {
  ensure_commands oathtool:oathtool openssl:openssl
  "${DEVSANCTUM_TEST_PYTHON:-/usr/bin/python3}" -c 'import aiosmtpd, jwt, cryptography' 2>/dev/null && return 0
  command -v apt-get >/dev/null || fail "Python with the packages aiosmtpd, PyJWT and cryptography is missing." \
    "Install them, name that Python in DEVSANCTUM_TEST_PYTHON, and run this again."
  install_packages python3 python3-aiosmtpd python3-cryptography python3-jwt
}
