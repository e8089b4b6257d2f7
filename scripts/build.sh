#!/usr/bin/env bash
# The release: one binary with the web app inside.

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/web.sh

stage 'Toolchains'
ensure_rust
ensure_node
stage 'Web app'
build_web
stage 'Server'
cargo build --release
stage_done
say "${CARGO_TARGET_DIR:-target}/release/devsanctum ($(du -h "${CARGO_TARGET_DIR:-target}/release/devsanctum" | cut -f1))"
