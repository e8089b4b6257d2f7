#!/bin/sh
# What the official image does with POSTGRES_USER, POSTGRES_PASSWORD(_FILE), POSTGRES_DB, POSTGRES_INITDB_ARGS and
# /docker-entrypoint-initdb.d.
set -eu

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown postgres "$PGDATA" /run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
    POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
  fi
  if [ -z "${POSTGRES_PASSWORD:-}" ]; then
    echo 'Error: Database is uninitialized and superuser password is not specified (POSTGRES_PASSWORD).' >&2
    exit 1
  fi
  user=${POSTGRES_USER:-postgres}
  database=${POSTGRES_DB:-$user}
  chmod 700 "$PGDATA"
  password=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" >"$password"
  # shellcheck disable=SC2086  # arguments, separated by spaces
  initdb --username="$user" --pwfile="$password" --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 \
    ${POSTGRES_INITDB_ARGS:-}
  rm "$password"
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  export PGPASSWORD="$POSTGRES_PASSWORD"
  # On the socket only, so that nobody connects before the database is complete.
  pg_ctl --wait --options="-c listen_addresses=''" start
  [ "$database" = postgres ] || psql --username="$user" --dbname=postgres --set=name="$database" <<'SQL'
CREATE DATABASE :"name";
SQL
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
      *.sql) psql --set=ON_ERROR_STOP=1 --username="$user" --dbname="$database" --file="$script" ;;
      *.sh)
        # shellcheck disable=SC1090  # what the template put there
        . "$script"
        ;;
    esac
  done
  pg_ctl --wait --mode=fast stop
  unset PGPASSWORD
fi

[ "$1" = postgres ] && set -- "$@" -c 'listen_addresses=*'
exec "$@"
