# shellcheck shell=bash
# A PostgreSQL server of our own in a temporary directory: nothing of an installed one is touched.

POSTGRES_DIR=''

# Sets DEVSANCTUM_TEST_POSTGRES_URL.
start_postgres() {
  local bin port password options
  ensure_postgres_server
  bin=$(postgres_bin)
  port=$(free_port)
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  POSTGRES_DIR=$(mktemp -d /tmp/devsanctum-postgres.XXXXXX)
  printf '%s' "$password" >"$POSTGRES_DIR/password"
  ((EUID == 0)) && chown -R postgres "$POSTGRES_DIR"
  quietly as_postgres "$bin/initdb" --pgdata "$POSTGRES_DIR/data" --username devsanctum \
    --pwfile "$POSTGRES_DIR/password" --auth scram-sha-256 --encoding UTF8 --locale C.UTF-8
  # Durability is worthless here, and every test makes a database of its own.
  options="-p $port -h 127.0.0.1 -k $POSTGRES_DIR -c max_connections=300"
  options+=' -c fsync=off -c synchronous_commit=off -c full_page_writes=off'
  quietly as_postgres "$bin/pg_ctl" --pgdata "$POSTGRES_DIR/data" --log "$POSTGRES_DIR/log" --wait start \
    --options "$options" ||
    fail "PostgreSQL did not start." "$(tail -n 5 "$POSTGRES_DIR/log" 2>/dev/null)"
  export DEVSANCTUM_TEST_POSTGRES_URL="postgres://devsanctum:$password@127.0.0.1:$port/postgres"
  say "PostgreSQL $("$bin/postgres" --version | grep -o '[0-9.]*' | head -n1) on 127.0.0.1:$port in $POSTGRES_DIR"
}

stop_postgres() {
  [[ -n $POSTGRES_DIR ]] || return 0
  quietly as_postgres "$(postgres_bin)/pg_ctl" --pgdata "$POSTGRES_DIR/data" --mode immediate --wait stop
  rm -rf "$POSTGRES_DIR"
  POSTGRES_DIR=''
}

# Debian keeps the server's programs out of PATH, in a directory for each version.
postgres_bin() {
  local bins=(/usr/lib/postgresql/*/bin)
  if [[ -x ${bins[-1]}/initdb ]]; then
    printf '%s\n' "${bins[-1]}"
  else
    dirname "$(readlink -f "$(command -v initdb)")"
  fi
}

# The package would also make and start a cluster of its own, which nobody here asked for.
ensure_postgres_server() {
  local setting=/etc/postgresql-common/createcluster.d/devsanctum.conf
  [[ -x $(postgres_bin 2>/dev/null)/initdb ]] && return 0
  command -v apt-get >/dev/null || fail "PostgreSQL's server is missing (initdb)." \
    "Install PostgreSQL 14 or newer and run this again."
  install_packages postgresql-common
  announce_root "keeping the package from making a database cluster"
  as_root mkdir -p "$(dirname "$setting")"
  as_root tee "$setting" >/dev/null <<<'create_main_cluster=false'
  install_packages postgresql
  as_root rm "$setting"
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if ((EUID == 0)); then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}
