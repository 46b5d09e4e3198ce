#!/usr/bin/env bash
# Installs what tests need from Debian's packages, where it is missing and this is root with apt.
set -euo pipefail
missing=()
command -v docker-registry >/dev/null 2>&1 || [ -x /usr/bin/docker-registry ] || missing+=(docker-registry)
command -v ssh >/dev/null 2>&1 || missing+=(openssh-client)
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing+=(chromium)
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "setup: not installed, and only root can install them with apt: ${missing[*]}; tests that need them will fail and name them" >&2
  exit 0
fi
echo "setup: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$log" 2>&1; }
if ! install && ! { apt-get update -qq >>"$log" 2>&1 && install; }; then
  cat "$log" >&2
  echo "setup: apt could not install ${missing[*]}; tests that need them will fail and name them" >&2
fi
