#!/usr/bin/env bash
# docker-compose.yml as it is, on this machine's Docker: images from a binary that is built already, a certificate of our
# own authority, ports and a project of our own. Signs in, makes a workspace, visits it through Traefik, looks at what is
# open to whom, restarts every service, changes the mode, takes it down again.
#
# usage: scripts/test-compose.sh     DEVSANCTUM_COMPOSE_BINARY=…, by default target/debug/devsanctum
#                                    DEVSANCTUM_COMPOSE_SOURCE=…, by default here: where that binary was built

. "$(dirname "$0")/lib/progress.sh"
. scripts/lib/privileges.sh
. scripts/lib/packages.sh
. scripts/lib/toolchains.sh
. scripts/lib/docker.sh
. scripts/lib/compose.sh
. scripts/lib/traefik.sh
. scripts/lib/ports.sh
. scripts/lib/server.sh

BINARY=$(realpath "${DEVSANCTUM_COMPOSE_BINARY:-${CARGO_TARGET_DIR:-target}/debug/devsanctum}")
SOURCE=$(realpath "${DEVSANCTUM_COMPOSE_SOURCE:-$REPOSITORY}")
PROJECT="devsanctum-test-$$"
SERVICES=(database devsanctum traefik)
LOGIN=ada@example.com
# Neither classic Docker clients nor these images need BuildKit.
export DOCKER_BUILDKIT=0

main() {
  prepare
  stage 'Images'
  build_images
  stage 'Start'
  write_settings
  compose up --detach --no-build
  wait_until_healthy
  stage 'A workspace'
  set_up
  create_workspace
  visit_all
  stage 'What is open to whom'
  check_containers
  check_listeners
  check_workspace_reaches_nothing
  check_dashboard
  check_backup
  say_memory
  stage 'Restarts'
  restart_each
  stage 'A router for each address'
  change_mode
  stage_done
  say 'The production shape holds.'
}

prepare() {
  stage 'What it needs'
  [[ -x $BINARY ]] || fail "There is no $BINARY." "cargo build, or name one in DEVSANCTUM_COMPOSE_BINARY."
  ensure_curl
  ensure_commands openssl:openssl ss:iproute2
  ensure_node
  ensure_docker
  ensure_compose
  ensure_traefik
  quietly scripts/test-images.sh debian:bookworm-slim postgres:15-alpine
  directory=$(mktemp -d /tmp/devsanctum-compose.XXXXXX)
  HTTPS_PORT=$(free_port) HTTP_PORT=$(free_port) API_PORT=$(free_port) SERVER_PORT=$(free_port)
  SERVER_URL="https://localhost:$HTTPS_PORT"
  trap take_down EXIT
}

# Each from a directory that holds nothing but the binary, as the head of the Dockerfile describes.
build_images() {
  local context
  context=$(mktemp -d "$directory/image.XXXXXX")
  cp "$BINARY" "$context/devsanctum"
  quietly docker build --target runtime --tag "$PROJECT-runtime" --file - "$context" <Dockerfile
  quietly docker build --tag "$PROJECT-server" --file - "$context" <<DOCKERFILE
FROM $PROJECT-runtime
COPY devsanctum /usr/local/bin/
DOCKERFILE
  rm "$context/devsanctum"
  cp "$DEVSANCTUM_TEST_TRAEFIK" "$context/traefik"
  quietly docker build --tag "$PROJECT-traefik" --file - "$context" <<'DOCKERFILE'
FROM debian:bookworm-slim
COPY traefik /usr/local/bin/traefik
ENTRYPOINT ["traefik"]
DOCKERFILE
  rm -r "$context"
}

write_settings() {
  quietly scripts/compose-init.sh "$directory"
  make_certificates "$directory/certificates"
  cat >>"$directory/.env" <<SETTINGS
COMPOSE_PROJECT_NAME=$PROJECT
SECRETS=$directory/secrets
DEVSANCTUM_ACCESS_URL=$SERVER_URL
DEVSANCTUM_WORKSPACE_DOMAIN=ws.localhost
OWN_CERTIFICATES=$directory/certificates
CERT_RESOLVER=
HTTP_PORT=$HTTP_PORT
HTTPS_PORT=$HTTPS_PORT
DEVSANCTUM_PORT=$SERVER_PORT
TRAEFIK_API_PORT=$API_PORT
DEVSANCTUM_IMAGE=$PROJECT-server
TRAEFIK_IMAGE=$PROJECT-traefik
SETTINGS
  # A debug build reads its web app and catalog from where it was built; a release has them inside.
  cat >"$directory/debug-build.yml" <<OVERRIDE
services:
  devsanctum:
    environment: { DEVSANCTUM_CATALOG_DIR: "$SOURCE/catalog" }
    volumes: ["$SOURCE/catalog:$SOURCE/catalog:ro", "$SOURCE/web/dist:$SOURCE/web/dist:ro"]
OVERRIDE
}

# As docs/operations/tls.md describes certificates of one's own.
make_certificates() {
  mkdir "$1"
  quietly openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Test authority' \
    -keyout "$directory/authority.key" -out "$directory/authority.pem"
  quietly openssl req -newkey rsa:2048 -nodes -subj '/CN=localhost' -keyout "$1/key.pem" -out "$directory/request"
  printf 'subjectAltName=DNS:localhost,DNS:*.ws.localhost' >"$directory/extensions"
  quietly openssl x509 -req -days 2 -in "$directory/request" -extfile "$directory/extensions" -out "$1/cert.pem" \
    -CA "$directory/authority.pem" -CAkey "$directory/authority.key" -CAcreateserial
  cat >"$1/certificates.yml" <<'CERTIFICATES'
tls:
  certificates:
    - certFile: /etc/traefik/dynamic/own/cert.pem
      keyFile: /etc/traefik/dynamic/own/key.pem
CERTIFICATES
  # As docs/operations/install.md keeps /metrics from the outside.
  cat >"$1/metrics.yml" <<'METRICS'
http:
  routers:
    no-metrics:
      rule: "Host(`localhost`) && Path(`/metrics`)"
      priority: 1000
      entryPoints: [websecure]
      service: devsanctum
      middlewares: [nobody]
  middlewares:
    nobody: { ipAllowList: { sourceRange: [192.0.2.1/32] } }
METRICS
}

compose() {
  quietly "${COMPOSE[@]}" --env-file "$directory/.env" --project-name "$PROJECT" --project-directory "$REPOSITORY" \
    --file docker-compose.yml --file "$directory/debug-build.yml" "$@"
}

container_of() {
  docker ps --all --quiet --filter "label=com.docker.compose.project=$PROJECT" \
    --filter "label=com.docker.compose.service=$1"
}

health_of() { docker inspect --format '{{.State.Health.Status}}' "$(container_of "$1")"; }

wait_until_healthy() {
  local service deadline=$((SECONDS + 60))
  for service in "${SERVICES[@]}"; do
    until [[ $(health_of "$service") == healthy ]]; do
      ((SECONDS < deadline)) || fail "$service is $(health_of "$service") after 60 s:" "$(log_of "$service" | tail -n 20)"
      sleep 0.2
    done
  done
}

log_of() { docker logs "$(container_of "$1")" 2>&1; }

# Like a browser that trusts our authority; all names are this machine.
get() {
  curl --silent --show-error --max-time 10 --cacert "$directory/authority.pem" --connect-to "::127.0.0.1:" "$@"
}

status_of() { get --output /dev/null --write-out '%{http_code}' "$1" 2>/dev/null || true; }

set_up() {
  local token answer
  token=$(log_of devsanctum | sed -nE 's/.*"setup_token":"([0-9a-f]+)".*/\1/p' | tail -n1)
  [[ -n $token ]] || fail 'The log shows no setup token.' "$(log_of devsanctum | tail -n 20)"
  PASSWORD=$(random_password)
  answer=$(get --fail-with-body "$SERVER_URL/api/v1/auth/setup" --header 'Content-Type: application/json' \
    --data "{\"setup_token\": \"$token\", \"email\": \"$LOGIN\", \"username\": \"ada\", \"password\": \"$PASSWORD\"}") ||
    fail 'The first administrator cannot be made:' "$answer"
}

create_workspace() {
  WORKSPACE_URL=$(SERVER_URL=$SERVER_URL LOGIN=$LOGIN PASSWORD=$PASSWORD \
    NODE_EXTRA_CA_CERTS="$directory/authority.pem" node scripts/demo-workspace.mjs hello)
  say "$WORKSPACE_URL"
}

visit_all() {
  answers "$WORKSPACE_URL" 200 0
  answers "$SERVER_URL/" 200 0
  answers "$SERVER_URL/readyz" 200 0
  answers "$SERVER_URL/metrics" 403 0
  answers "http://localhost:$HTTP_PORT/" 301 0
}

# answers URL STATUS SECONDS: it does, within so many.
answers() {
  local url=$1 wanted=$2 deadline=$((SECONDS + $3)) status
  until status=$(status_of "$url") && [[ $status == "$wanted" ]]; do
    ((SECONDS < deadline)) || fail "$url answers $status, not $wanted." "$(log_of devsanctum | tail -n 10)" \
      "$(log_of traefik | tail -n 10)"
    sleep 0.1
  done
}

check_containers() {
  local service
  for service in "${SERVICES[@]}"; do
    expect "$service" '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.Privileged}}' 'true [ALL] false'
    expect "$service" '{{json .HostConfig.SecurityOpt}}' '["no-new-privileges:true"]'
    expect "$service" '{{len .HostConfig.PortBindings}} {{.HostConfig.LogConfig.Config}}' '0 map[max-file:5 max-size:10m]'
    expect "$service" '{{.HostConfig.RestartPolicy.Name}} {{.RestartCount}}' 'unless-stopped 0'
  done
  expect devsanctum '{{.Config.User}} {{.HostConfig.CapAdd}}' 'devsanctum []'
  expect database '{{.HostConfig.NetworkMode}}' none
}

expect() {
  local is
  is=$(docker inspect --format "$2" "$(container_of "$1")")
  [[ $is == "$3" ]] || fail "$1 has $is where it should have $3 ($2)."
}

# Only Traefik's two ports are open to other machines, and without its password the database is to nobody.
check_listeners() {
  local port
  for port in "$SERVER_PORT" "$API_PORT"; do
    [[ $(ss -Hltn "sport = :$port" | awk '{print $4}') == "127.0.0.1:$port" ]] ||
      fail "Port $port is open to other machines: $(ss -Hltn "sport = :$port")"
  done
  ! docker exec "$(container_of database)" psql --no-password --username=devsanctum --command='SELECT 1' >/dev/null 2>&1 ||
    fail 'The database lets in who has no password.'
}

# What a workspace can see of the host is the gateway of its network.
check_workspace_reaches_nothing() {
  local container network gateway port
  container=$(docker ps --quiet --filter "label=dev.devsanctum.installation=$(installation)" | head -n1)
  read -r network gateway < <(
    docker inspect --format '{{range .NetworkSettings.Networks}}{{.NetworkID}} {{.Gateway}}{{end}}' "$container"
  )
  reaches "$network" "$gateway" "$HTTPS_PORT" || fail "The test cannot reach Traefik from a workspace's network, and shows nothing."
  for port in "$SERVER_PORT" "$API_PORT"; do
    ! reaches "$network" "$gateway" "$port" || fail "A workspace reaches port $port of the host."
  done
}

reaches() { docker run --rm --network "$1" debian:bookworm-slim timeout 3 bash -c "exec 3<>/dev/tcp/$2/$3" 2>/dev/null; }

installation() { log_of devsanctum | sed -nE 's/.*installation\.id"?[=:]"?([0-9a-f-]{36}).*/\1/p' | head -n1; }

check_dashboard() {
  curl --silent --fail --output "$directory/metrics" "http://127.0.0.1:$SERVER_PORT/metrics"
  node scripts/check-dashboard.mjs docs/operations/grafana-dashboard.json "$directory/metrics"
}

check_backup() {
  docker exec "$(container_of devsanctum)" devsanctum backup - 2>"$directory/backup.log" | gzip --decompress | tail -n1 >"$directory/backup"
  grep -q '"rows"' "$directory/backup" || fail 'The backup has no end:' "$(head -c 300 "$directory/backup")"
}

# Of the debug build, with one workspace: a first idea of what docs/operations/sizing.md says.
say_memory() {
  local service
  for service in "${SERVICES[@]}"; do
    say "$service: $(docker stats --no-stream --format '{{.MemUsage}}' "$(container_of "$service")")"
  done
}

restart_each() {
  local service began
  for service in "${SERVICES[@]}"; do
    compose restart "$service"
    began=$(date +%s%N)
    answers "$WORKSPACE_URL" 200 30
    answers "$SERVER_URL/readyz" 200 30
    say "$service: all answers $((($(date +%s%N) - began) / 1000000)) ms after it was started again"
  done
  wait_until_healthy
}

# Then Traefik leads to workspaces by itself, and asks the server who may come in: without it, nobody.
change_mode() {
  echo 'DEVSANCTUM_PROXY=traefik-file' >>"$directory/.env"
  compose up --detach --no-build
  wait_until_healthy
  visit_all
  compose stop devsanctum
  answers "$WORKSPACE_URL" 500 0
  answers "$SERVER_URL/" 502 5
  compose start devsanctum
  answers "$SERVER_URL/readyz" 200 30
  answers "$WORKSPACE_URL" 200 5
}

# shellcheck disable=SC2317  # called by the trap
take_down() {
  local status=$? installation
  stage 'Taking it down'
  installation=$(installation 2>/dev/null) || true
  if ((status != 0)); then
    for service in "${SERVICES[@]}"; do log_of "$service" 2>/dev/null | tail -n 15 | sed "s/^/$service: /" || true; done
  fi
  compose down --volumes --timeout 30 || true
  remove_objects_of "$installation"
  quietly docker rmi --force "$PROJECT-server" "$PROJECT-runtime" "$PROJECT-traefik" || true
  rm -rf "$directory"
  stop_docker_if_started_here
  stage_done
  exit "$status"
}

main
