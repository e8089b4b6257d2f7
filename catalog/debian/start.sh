#!/bin/sh
# Starts the editor, with the password that was given or one that is made once and kept in the home directory.
set -eu

if [ -z "${PASSWORD:-}" ]; then
  kept="$HOME/.config/editor-password"
  if [ ! -s "$kept" ]; then
    mkdir -p "$HOME/.config"
    (umask 077 && openssl rand -hex 12 >"$kept")
  fi
  PASSWORD=$(cat "$kept")
  export PASSWORD
  echo "The editor's password: $PASSWORD"
fi

mkdir -p "$HOME/project"
exec code-server --bind-addr 0.0.0.0:8080 --auth password --disable-telemetry --disable-update-check "$HOME/project"
