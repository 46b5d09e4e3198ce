#!/usr/bin/env bash
# Puts Debian 13's kubectl and kustomize into .tools/, unpacked and not installed, where none is on PATH that will do.
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

# there PROGRAM: whether there is one that will do.
there() {
  local found
  if found=$(command -v "$1") && "$1_will_do" "$found"; then return 0; fi
  [ -x ".tools/$1/usr/bin/$1" ] && "$1_will_do" ".tools/$1/usr/bin/$1"
}

missing=()
for program in kubectl kustomize; do there "$program" || missing+=("$program"); done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

echo "setup: unpacking Debian 13's ${missing[*]} into .tools"
mkdir -p .tools
log=$(mktemp)
trap 'rm -f "$log"; rm -rf .tools/apt .tools/unpacked' EXIT
rm -rf .tools/unpacked
(debian_open .tools/apt "$release") >>"$log" 2>&1 || true
for program in "${missing[@]}"; do
  if (debian_unpack .tools/apt ".tools/unpacked/$program" "$program") >>"$log" 2>&1 &&
    "${program}_will_do" ".tools/unpacked/$program/usr/bin/$program"; then
    rm -rf ".tools/$program"
    mv ".tools/unpacked/$program" ".tools/$program"
  else
    tail -n 5 "$log" >&2
    echo "setup: no $program that is recent enough on PATH, and Debian 13's could not be unpacked (above); tests that need it will fail and name it" >&2
  fi
done
