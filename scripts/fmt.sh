#!/usr/bin/env bash
# Formats what has a formatter.

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/web.sh

ensure_rust
install_web_dependencies
cargo fmt
npm --prefix web run format
