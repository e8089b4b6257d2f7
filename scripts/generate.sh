#!/usr/bin/env bash
# The checked-in files that come from the code. With --check: nothing is written, and the script fails if one is stale.

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/web.sh

OPENAPI=docs/api/openapi.json
CONFIGURATION=docs/configuration.md
MANIFEST_SCHEMA=docs/manifest.schema.json
WEB_TYPES=web/src/api/schema.d.ts

main() {
  ensure_rust
  install_web_dependencies
  if [[ ${1-} == --check ]]; then
    check_fresh
  else
    write_into .
  fi
}

# Each file keeps its path below the directory.
write_into() {
  local root=$1 devsanctum="${CARGO_TARGET_DIR:-target}/debug/devsanctum"
  cargo build
  mkdir -p "$root/$(dirname "$OPENAPI")" "$root/$(dirname "$WEB_TYPES")"
  "$devsanctum" openapi >"$root/$OPENAPI"
  "$devsanctum" configuration-reference >"$root/$CONFIGURATION"
  "$devsanctum" manifest-schema >"$root/$MANIFEST_SCHEMA"
  quietly web/node_modules/.bin/openapi-typescript "$root/$OPENAPI" --output "$root/$WEB_TYPES" \
    --empty-objects-unknown --default-non-nullable false
}

check_fresh() {
  local fresh file stale=0
  fresh=$(mktemp -d)
  write_into "$fresh"
  for file in "$OPENAPI" "$CONFIGURATION" "$MANIFEST_SCHEMA" "$WEB_TYPES"; do
    diff -u "$file" "$fresh/$file" || stale=1
  done
  rm -r "$fresh"
  ((stale == 0)) || fail 'Generated files are stale.' 'make generate, and commit the result.'
  say 'Generated files are fresh.'
}

main "$@"
