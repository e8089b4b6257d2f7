# shellcheck shell=bash
# Root is used for two things only: installing packages and running Docker. Each use is announced before it happens.

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo -- "$@"
  fi
}

# announce_root WHY: says what root is needed for, and asks for the password now rather than in the middle.
announce_root() {
  ((EUID == 0)) && return 0
  command -v sudo >/dev/null || fail "This needs root and there is no sudo: $1." "Run it as root once, or install sudo."
  say "Needs root (sudo): $1."
  sudo -v || fail "sudo was refused: $1."
}
