# shellcheck shell=bash

lint_rust() { cargo clippy --all-targets -- -D warnings; }

lint_scripts() { git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck; }
