# shellcheck shell=bash
# Rust and Node in the versions this project needs. What is already there and new enough is used as it is;
# what we fetch goes to the user's own home, never to the system.

NODE_VERSION=22.23.3
NPM_VERSION=10.9.9
TOOLS_DIR="${XDG_CACHE_HOME:-$HOME/.cache}/devsanctum"

# version_at_least HAVE WANT, both dotted.
version_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1) == "$2" ]]; }

rust_wanted() { sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml; }

rust_is_ready() {
  command -v cargo >/dev/null && version_at_least "$(rustc --version | cut -d' ' -f2)" "$(rust_wanted)"
}

ensure_rust() {
  ensure_commands cc:build-essential
  [[ -d ${CARGO_HOME:-$HOME/.cargo}/bin ]] && PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
  rust_is_ready && return 0
  if command -v rustup >/dev/null; then
    RUSTUP_TOOLCHAIN=$(rust_wanted)
    export RUSTUP_TOOLCHAIN
    say "Installing Rust $RUSTUP_TOOLCHAIN with rustup"
    quietly rustup toolchain install "$RUSTUP_TOOLCHAIN" --profile minimal --component rustfmt,clippy || rust_remedy
  else
    install_rustup
  fi
  rust_is_ready || rust_remedy
}

# rustup's own binary rather than its shell script: one file, checked against the sum published beside it.
install_rustup() {
  ensure_curl
  local base installer published
  base="${RUSTUP_UPDATE_ROOT:-https://static.rust-lang.org/rustup}/dist/$(uname -m)-unknown-linux-gnu"
  installer=$(mktemp -d)/rustup-init
  say "Installing Rust $(rust_wanted) with rustup (in ${CARGO_HOME:-$HOME/.cargo})"
  curl -fsSL --retry 3 -o "$installer" "$base/rustup-init" || rust_remedy
  published=$(curl -fsSL --retry 3 "$base/rustup-init.sha256" | cut -d' ' -f1) || rust_remedy
  [[ $(sha256sum "$installer" | cut -d' ' -f1) == "$published" ]] ||
    fail 'rustup-init does not have the published SHA-256.'
  chmod +x "$installer"
  quietly "$installer" -y --no-modify-path --default-toolchain "$(rust_wanted)" --profile minimal \
    --component rustfmt,clippy || rust_remedy
  rm -r "$(dirname "$installer")"
  PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
}

rust_remedy() {
  fail "Rust $(rust_wanted) or newer is needed and could not be installed." \
    "Install it as https://rustup.rs describes, then run this again."
}

node_is_ready() {
  command -v node >/dev/null && command -v npm >/dev/null && version_at_least "$(node --version | tr -d v)" 20.19.0
}

ensure_node() {
  local installed="$TOOLS_DIR/node/bin"
  [[ -x $installed/node ]] && PATH="$installed:$PATH"
  node_is_ready && return 0
  install_node_from_its_site || install_node_from_npm || node_remedy
  PATH="$installed:$PATH"
  hash -r
  node_is_ready || node_remedy
}

node_remedy() {
  fail "Node 20.19 or newer with npm is needed and could not be installed." \
    "Install it as https://nodejs.org/en/download describes, then run this again."
}

node_architecture() {
  case $(uname -m) in
    x86_64) echo x64 ;;
    aarch64) echo arm64 ;;
    *) fail "No Node build is known here for $(uname -m)." "Install Node 20.19 or newer and run this again." ;;
  esac
}

install_node_from_its_site() {
  ensure_curl
  local site="https://nodejs.org/dist/v$NODE_VERSION" archive unpacked
  archive="node-v$NODE_VERSION-linux-$(node_architecture).tar.gz"
  unpacked=$(mktemp -d)
  curl -fsSL --max-time 20 -o "$unpacked/sums" "$site/SHASUMS256.txt" 2>/dev/null || return 1
  say "Installing Node $NODE_VERSION in $TOOLS_DIR/node"
  curl -fsSL --retry 3 -o "$unpacked/$archive" "$site/$archive" &&
    (cd "$unpacked" && grep " $archive\$" sums | sha256sum --check --quiet) &&
    tar -xzf "$unpacked/$archive" -C "$unpacked" --strip-components=1 &&
    rm "$unpacked/$archive" "$unpacked/sums" &&
    place_node "$unpacked"
}

# Where only package registries can be reached: npm distributes Node's binaries too.
install_node_from_npm() {
  local prefix
  prefix=$(mktemp -d)
  say "Installing Node $NODE_VERSION from the npm registry in $TOOLS_DIR/node"
  fetch_node "$prefix" && place_node "$prefix"
}

# fetch_node PREFIX: Node with its headers, and npm, as an ordinary installation has them.
fetch_node() {
  mkdir -p "$1/lib/node_modules/npm" &&
    unpack_npm_package "node-linux-$(node_architecture)" "$NODE_VERSION" "$1" &&
    unpack_npm_package npm "$NPM_VERSION" "$1/lib/node_modules/npm" &&
    ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1/bin/npm" &&
    ln -s ../lib/node_modules/npm/bin/npx-cli.js "$1/bin/npx" &&
    chmod +x "$1/bin/npm" "$1/bin/npx"
}

# unpack_npm_package NAME VERSION DIRECTORY, checked against the SHA-512 that the registry publishes.
unpack_npm_package() {
  local registry=${npm_config_registry:-https://registry.npmjs.org} archive published
  archive=$(mktemp)
  published=$(curl -fsSL --retry 3 "${registry%/}/$1/$2" |
    sed -nE 's/.*"integrity": *"sha512-([^"]*)".*/\1/p' | head -n1) &&
    curl -fsSL --retry 3 -o "$archive" "${registry%/}/$1/-/$1-$2.tgz" &&
    [[ $(base64 -d <<<"$published" | od -An -v -tx1 | tr -d ' \n') == "$(sha512sum "$archive" | cut -d' ' -f1)" ]] &&
    tar -xzf "$archive" -C "$3" --strip-components=1 &&
    rm "$archive"
}

place_node() {
  mkdir -p "$TOOLS_DIR"
  rm -rf "$TOOLS_DIR/node"
  mv "$1" "$TOOLS_DIR/node"
}
