#!/usr/bin/env bash
# What docker-compose.yml wants beside it, made once: .env, and the directory of secrets. What is there already stays.
#
# usage: scripts/compose-init.sh [DIRECTORY]     (default: the repository)

. "$(dirname "$0")/lib/progress.sh"

SOCKET=/var/run/docker.sock

main() {
  local directory=${1-$REPOSITORY}
  local secrets="$directory/secrets"
  [[ -S $SOCKET ]] || fail "There is no $SOCKET." "Start Docker, and run this again."
  mkdir -p "$directory"
  make_settings "$directory/.env"
  # Compose puts these files into containers with the owner and mode they have here, and the users in there have numbers
  # of their own. So everybody may read the files, and only their owner gets into the directory.
  install -d -m 0700 "$secrets"
  make_database_secrets "$secrets"
  make_once "$secrets/master_key" random_hex 32
  make_once "$secrets/acme.env" echo '# What the DNS provider of your certificates wants, like CF_DNS_API_TOKEN=…'
  say "$directory/.env and $secrets are there. Fill in .env, and keep a copy of $secrets/master_key somewhere safe."
}

make_settings() {
  [[ -e $1 ]] || sed "s/^DOCKER_GID=.*/DOCKER_GID=$(stat --format %g "$SOCKET")/" .env.example >"$1"
}

# One password in two forms: PostgreSQL's, and the URL with it.
make_database_secrets() {
  local password
  make_once "$1/database_password" random_hex 24
  password=$(<"$1/database_password")
  make_once "$1/database_url" echo "postgres://devsanctum:$password@localhost/devsanctum?host=/run/postgresql"
}

# make_once FILE COMMAND…: what the command prints, unless the file is there.
make_once() {
  local file=$1
  shift
  [[ ! -e $file ]] || return 0
  "$@" >"$file.new"
  chmod 0644 "$file.new"
  mv "$file.new" "$file"
}

random_hex() { od -An -v -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

main "$@"
