#!/usr/bin/env bash
# The checks that need neither Docker nor a database, quickest first.

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/web.sh
. scripts/lib/lint.sh

stage 'Toolchains'
ensure_commands git:git shellcheck:shellcheck
ensure_rust
install_web_dependencies
stage 'Scripts'
lint_scripts
stage 'Web'
npm --prefix web run lint
npm --prefix web run typecheck
stage 'Rust'
cargo fmt --check
lint_rust
stage_done
