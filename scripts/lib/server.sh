# shellcheck shell=bash
# One DevSanctum server of a script, on this machine only.

SERVER_PID=''

# start_server BINARY DATA_DIR PORT: a server with embedded defaults, its log in DATA_DIR/server.log. The administrator's
# name and password come from ADMIN_EMAIL and ADMIN_PASSWORD. Sets SERVER_URL. In a session of its own, because Ctrl-C in
# this terminal would reach it as well, and it takes a second signal as "at once".
start_server() {
  local binary=$1 data=$2 port=$3
  mkdir -p "$data"
  SERVER_URL="http://localhost:$port"
  DEVSANCTUM_DATA_DIR="$data" DEVSANCTUM_LISTEN="127.0.0.1:$port" DEVSANCTUM_ACCESS_URL="$SERVER_URL" \
    DEVSANCTUM_ADMIN_EMAIL="$ADMIN_EMAIL" DEVSANCTUM_ADMIN_PASSWORD="$ADMIN_PASSWORD" \
    setsid "$binary" serve >"$data/server.log" 2>&1 </dev/null &
  SERVER_PID=$!
  echo "$SERVER_PID" >"$data/server.pid"
  wait_until_ready "$data/server.log"
}

wait_until_ready() {
  local log=$1 deadline=$((SECONDS + 30))
  until curl -fsS --max-time 5 "$SERVER_URL/readyz" >/dev/null 2>&1; do
    kill -0 "$SERVER_PID" 2>/dev/null || fail "The server ended at once; the last lines of $log:" "$(tail -n 15 "$log")"
    ((SECONDS < deadline)) ||
      fail "The server is not ready after 30 s: $(curl -sS --max-time 5 "$SERVER_URL/readyz" 2>&1)" "$(tail -n 15 "$log")"
    sleep 0.1
  done
}

stop_server() {
  [[ -n $SERVER_PID ]] || return 0
  kill -TERM "$SERVER_PID" 2>/dev/null || true
  wait "$SERVER_PID" 2>/dev/null || true
  SERVER_PID=''
}

# The number in the file may belong to somebody else by now.
server_runs_in() { [[ -s $1/server.pid && $(readlink "/proc/$(<"$1/server.pid")/exe") == */devsanctum* ]]; }

# The id of the installation in that directory, once its server has started: the label of all its Docker objects.
installation_in() { sed -nE 's/.*installation\.id=([0-9a-f-]+).*/\1/p' "$1/server.log" | head -n1; }

# A server that another run of a script started and left.
stop_server_of() {
  server_runs_in "$1" || return 0
  local pid
  pid=$(<"$1/server.pid")
  say "Stopping the server (process $pid)"
  kill -TERM "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}

random_password() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }

# The URL answers 200? Browsers and most systems resolve *.localhost by themselves; where curl does not, it is told.
answers_200() {
  local url=$1 host port
  host=$(sed -E 's#^https?://([^/:]+).*#\1#' <<<"$url")
  port=$(sed -nE 's#^https?://[^/:]+:([0-9]+).*#\1#p' <<<"$url")
  [[ $(curl -s -o /dev/null -w '%{http_code}' --max-time 10 "$url") == 200 ]] ||
    [[ $(curl -s -o /dev/null -w '%{http_code}' --max-time 10 --resolve "$host:${port:-80}:127.0.0.1" "$url") == 200 ]]
}
