#!/usr/bin/env bash
# Builds the Kubernetes API server that `make oracle` compares with, from Debian 12's source package.
# Everything goes into a cache directory outside the repository and nothing is installed; each step that is done
# is not done again, so an interrupted build goes on where it stopped. Two cores need about five minutes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/debian.sh
. "$here/../debian.sh"
cache=${TOWPATH_ORACLE:-${XDG_CACHE_HOME:-$HOME/.cache}/towpath-oracle}
release=bookworm
mkdir -p "$cache/done"
exec 9>"$cache/lock"
flock -n 9 || { echo "oracle: another build is at work in $cache" >&2; exit 1; }
log=$cache/build.log

chain=
step() { # step NAME FUNCTION: runs FUNCTION unless it, as it is now, has succeeded before, after the same steps
  chain=$(printf '%s\n' "$chain" "$(declare -f "$2")" | sha256sum | cut -c 1-16)
  if [ "$(cat "$cache/done/$1" 2>/dev/null)" = "$chain" ]; then return 0; fi
  echo "oracle: $1"
  local began=$SECONDS
  # Not in a condition: there `set -e` would not hold inside the function.
  (set -e; "$2") >>"$log" 2>&1 &
  if ! wait $!; then
    tail -n 30 "$log" >&2
    echo "oracle: the step '$1' failed; the whole log is $log" >&2
    exit 1
  fi
  echo "$chain" >"$cache/done/$1"
  echo "oracle: $1: done in $((SECONDS - began)) s"
}

lists() { debian_open "$cache/apt" "$release"; }

programs() {
  debian_unpack "$cache/apt" "$cache/unpacked" golang-1.19-go golang-1.19-src etcd-server golang-github-modern-go-reflect2-dev
  if ! command -v rsync; then
    debian_unpack "$cache/apt" "$cache/unpacked" rsync libpopt0 libxxhash0 liblz4-1 libzstd1 libacl1
    mkdir -p "$cache/bin"
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s/unpacked/usr/bin/rsync "$@"\n' \
      "$cache/unpacked/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")" "$cache" >"$cache/bin/rsync"
    chmod +x "$cache/bin/rsync"
  fi
  "$cache/unpacked/usr/bin/etcd" --version
}

source_package() {
  rm -rf "$cache/source" "$cache/go"
  mkdir -p "$cache/source" "$cache/go/src/k8s.io"
  (cd "$cache/source" && debian_apt "$cache/apt" source kubernetes=1.20\* || debian_apt "$cache/apt" source kubernetes)
  mv "$cache"/source/kubernetes-*/ "$cache/go/src/k8s.io/kubernetes"
}

# `reflect.Zero` gives every small type the same address since Go 1.18, where empty texts are as well. The vendored
# validation compares addresses and so takes an empty text for null, which no released API server does.
emptiness() {
  local file
  for file in k8s.io/kube-openapi/pkg/validation github.com/go-openapi; do
    file=$cache/go/src/k8s.io/kubernetes/vendor/$file/validate/type.go
    sed -i 's/if data == nil || reflect.DeepEqual(reflect.Zero(reflect.TypeOf(data)), reflect.ValueOf(data)) {/if data == nil {/' "$file"
    if grep -q 'reflect.Zero' "$file"; then echo "$file has changed" >&2; return 1; fi
  done
}

# The vendored reflect2 1.0.1 reads Go's maps in a way that crashes since Go 1.18, on the first custom object.
reflection() {
  local vendored=$cache/go/src/k8s.io/kubernetes/vendor/github.com/modern-go/reflect2
  local newer=$cache/unpacked/usr/share/gocode/src/github.com/modern-go/reflect2
  rm -f "$vendored"/*.go "$vendored"/*.s
  cp "$newer"/*.go "$vendored"/
  cp "$newer"/*.s "$vendored"/ 2>/dev/null || true
  rm -f "$vendored"/*_test.go "$vendored"/unsafe_link_gccgo.go
}

server() {
  cd "$cache/go/src/k8s.io/kubernetes"
  cat >"$cache/version" <<'END'
KUBE_GIT_COMMIT='faecb196815e248d3ecfb03c680a4507229c2a56'
KUBE_GIT_TREE_STATE='archive'
KUBE_GIT_VERSION='v1.20.2'
KUBE_GIT_MAJOR='1'
KUBE_GIT_MINOR='20'
END
  export GOROOT=$cache/unpacked/usr/lib/go-1.19 GOPATH=$cache/go GO111MODULE=off CGO_ENABLED=0 GOFLAGS= \
    GOCACHE=$cache/gocache GOMAXPROCS=${GOMAXPROCS:-2} KUBE_GIT_VERSION_FILE=$cache/version \
    PATH=$cache/unpacked/usr/lib/go-1.19/bin:$cache/bin:$PATH
  nice -n 10 make WHAT=cmd/kube-apiserver
  install -m 0755 _output/bin/kube-apiserver "$cache/kube-apiserver"
  "$cache/kube-apiserver" --version
}

step lists lists
step programs programs
step source source_package
step reflection reflection
step emptiness emptiness
step server server
echo "oracle: $cache/kube-apiserver"
