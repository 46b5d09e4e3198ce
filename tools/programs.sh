#!/usr/bin/env bash
# Puts Debian 13's kubectl and kustomize, and this release's nginx, into .tools/, unpacked and not installed, where none is
# on PATH that will do.
# Fails softly: the tests that need one of them fail and name it.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/debian.sh
. tools/debian.sh
release=trixie

# kubectl_will_do COMMAND: whether COMMAND is a kubectl that is recent enough.
kubectl_will_do() {
  local minor
  minor=$("$1" version --client -o yaml 2>/dev/null | sed -n 's/^ *minor: *"\{0,1\}\([0-9]*\).*/\1/p' | head -n 1) || return 1
  [ "${minor:-0}" -ge 29 ]
}

# kustomize_will_do COMMAND: whether COMMAND is a kustomize that is recent enough.
kustomize_will_do() {
  # Debian's calls itself "(devel)".
  "$1" version 2>/dev/null | grep -Eq '^v?([5-9]|[1-9][0-9]+)\.|^\(devel\)$|^unknown$'
}

# nginx_will_do COMMAND: whether COMMAND is an nginx that runs here: it needs libraries of the machine's.
nginx_will_do() {
  "$1" -v 2>&1 | grep -q '^nginx version: nginx/1\.'
}

# there PROGRAM: whether there is one that will do.
there() {
  local found
  if found=$(command -v "$1") && "$1_will_do" "$found"; then return 0; fi
  for found in ".tools/$1/usr/bin/$1" ".tools/$1/usr/sbin/$1" "/usr/sbin/$1"; do
    if [ -x "$found" ] && "$1_will_do" "$found"; then return 0; fi
  done
  return 1
}

# unpack RELEASE PROGRAM...: unpacks what is missing of them from a release.
unpack() {
  local release=$1 program found missing=()
  shift
  for program in "$@"; do there "$program" || missing+=("$program"); done
  if [ ${#missing[@]} -eq 0 ]; then return 0; fi
  echo "setup: unpacking Debian $release's ${missing[*]} into .tools"
  mkdir -p .tools
  rm -rf .tools/apt .tools/unpacked
  (debian_open .tools/apt "$release") >>"$log" 2>&1 || true
  for program in "${missing[@]}"; do
    (debian_unpack .tools/apt ".tools/unpacked/$program" "$program") >>"$log" 2>&1 || true
    found=$(find ".tools/unpacked/$program" -path "*bin/$program" -type f 2>/dev/null | head -n 1)
    if [ -n "$found" ] && "${program}_will_do" "$found"; then
      rm -rf ".tools/$program"
      mv ".tools/unpacked/$program" ".tools/$program"
    else
      tail -n 5 "$log" >&2
      echo "setup: no $program on PATH that will do, and Debian $release's could not be unpacked or does not run (above); tests that need it will fail and name it" >&2
    fi
  done
}

log=$(mktemp)
trap 'rm -f "$log"; rm -rf .tools/apt .tools/unpacked' EXIT
unpack trixie kubectl kustomize
unpack "$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-trixie}")" nginx
