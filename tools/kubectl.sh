#!/usr/bin/env bash
# Puts a kubectl of at least 1.29 into .tools/ where none is on PATH: Debian 13's package, unpacked and not installed.
# Fails softly: the tests that need kubectl fail and name it.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/debian.sh
. tools/debian.sh
release=trixie
oldest=29

# recent COMMAND: whether COMMAND is a kubectl that is recent enough.
recent() {
  local minor
  minor=$("$1" version --client -o yaml 2>/dev/null | sed -n 's/^ *minor: *"\{0,1\}\([0-9]*\).*/\1/p' | head -n 1) || return 1
  [ "${minor:-0}" -ge "$oldest" ]
}

if on_path=$(command -v kubectl) && recent "$on_path"; then exit 0; fi
if [ -x .tools/kubectl/usr/bin/kubectl ] && recent .tools/kubectl/usr/bin/kubectl; then exit 0; fi

echo "setup: unpacking Debian 13's kubectl into .tools/kubectl"
mkdir -p .tools
log=$(mktemp)
trap 'rm -f "$log"; rm -rf .tools/apt .tools/kubectl.new' EXIT
rm -rf .tools/kubectl.new
if (debian_open .tools/apt "$release") >>"$log" 2>&1 &&
  (debian_unpack .tools/apt .tools/kubectl.new kubectl) >>"$log" 2>&1 &&
  recent .tools/kubectl.new/usr/bin/kubectl; then
  rm -rf .tools/kubectl
  mv .tools/kubectl.new .tools/kubectl
else
  tail -n 5 "$log" >&2
  echo "setup: no kubectl >= 1.$oldest on PATH, and Debian 13's could not be unpacked (above); tests that need kubectl will fail and name it" >&2
fi
