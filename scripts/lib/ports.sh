# shellcheck shell=bash

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range from which Linux picks the ports of outgoing connections.
free_port() {
  local port
  while port=$((RANDOM % 12000 + 20000)); do
    port_is_taken "$port" || break
  done
  printf '%s\n' "$port"
}
