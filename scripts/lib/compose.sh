# shellcheck shell=bash
# Docker Compose: the plugin where Docker has it, otherwise the program by itself, as Debian packages it.

COMPOSE=()

ensure_compose() {
  if docker compose version >/dev/null 2>&1; then
    COMPOSE=(docker compose)
  else
    ensure_commands docker-compose:docker-compose
    COMPOSE=(docker-compose)
  fi
  say "$("${COMPOSE[@]}" version --short 2>/dev/null | sed 's/^/Compose /')"
}
