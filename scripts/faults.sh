#!/usr/bin/env bash
# Every operation × every call × every way it can go wrong, in simulation. The seed decides order and chance:
# DEVSANCTUM_FAULT_SEED=42 make faults. What breaks a promise prints the line that runs it again alone.

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh

ensure_curl
ensure_rust
stage 'Build'
cargo test --test integration --no-run
stage 'Every fault at every call'
DEVSANCTUM_FAULTS=all cargo test --test integration faults::matrix -- --nocapture
stage_done
