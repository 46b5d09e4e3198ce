#!/usr/bin/env bash
# Packages of a named Debian release, unpacked into a directory of ours without installing anything.
# To be sourced. apt gets its own lists and cache; the mirror and the key are those the machine's own apt uses.
set -euo pipefail

# Writes "<signed-by or -> <uri>" of the entry that serves this machine's own Debian release.
debian_mirror() {
  local codename
  codename=$(. /etc/os-release 2>/dev/null && [ "${ID:-}" = debian ] && echo "${VERSION_CODENAME:-}") || true
  if [ -z "$codename" ]; then return 1; fi
  cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk -v suite="$codename" '
    function told() { if (!done && has && uri != "") { print (key == "" ? "-" : key), uri; done = 1 } has = 0; uri = ""; key = "" }
    /^[[:space:]]*$/ { told(); next }
    /^Types:/ { told() }
    /^URIs:/ { uri = $2 }
    /^Suites:/ { for (i = 2; i <= NF; i++) if ($i == suite) has = 1 }
    /^Signed-By:/ { key = $2 }
    END { told() }' | grep . && return 0
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | awk -v suite="$codename" '
    $1 == "deb" && !done {
      key = "-"; at = 2
      if ($2 ~ /^\[/) { for (; at <= NF; at++) { word = $at; gsub(/[][]/, "", word); if (word ~ /^signed-by=/) key = substr(word, 11); if ($at ~ /\]$/) { at++; break } } }
      if ($(at + 1) == suite) { print key, $at; done = 1 }
    }' | grep .
}

# debian_open DIRECTORY SUITE: makes DIRECTORY an apt root for one release and reads its lists.
debian_open() {
  local directory=$1 suite=$2 mirror key uri option=""
  for command in apt-get dpkg-deb awk; do
    command -v "$command" >/dev/null 2>&1 || { echo "the command '$command' is missing" >&2; return 1; }
  done
  mirror=$(debian_mirror) || { echo "no apt source of this machine serves its own Debian release (see /etc/apt)" >&2; return 1; }
  read -r key uri <<<"$mirror"
  # The key file of one release holds the keys of the releases around it only when it is the whole ring.
  if [ "$key" = - ]; then key=/usr/share/keyrings/debian-archive-keyring.gpg; fi
  if [ -r "$key" ]; then option=" signed-by=$key"; fi
  mkdir -p "$directory/state/lists/partial" "$directory/cache/archives/partial" "$directory/parts"
  : >"$directory/state/status" # what is installed here must not decide which version is had
  printf 'deb [%s] %s %s main\ndeb-src [%s] %s %s main\n' \
    "arch=$(dpkg --print-architecture)$option" "$uri" "$suite" "${option:-trusted=no}" "$uri" "$suite" |
    sed 's/\[ /[/' >"$directory/sources.list"
  debian_apt "$directory" update
}

# debian_apt DIRECTORY ARGUMENTS...: apt-get that knows nothing but the sources of DIRECTORY.
debian_apt() {
  local directory
  directory=$(cd "$1" && pwd)
  shift
  apt-get -q -o Dir::Etc::sourcelist="$directory/sources.list" -o Dir::Etc::sourceparts="$directory/parts" \
    -o Dir::State::lists="$directory/state/lists" -o Dir::Cache="$directory/cache" \
    -o Dir::State::status="$directory/state/status" \
    -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Acquire::Retries=2 "$@"
}

# debian_unpack DIRECTORY TARGET PACKAGE...: the files of the packages (not of their dependencies) under TARGET.
debian_unpack() {
  local directory target package
  directory=$(cd "$1" && pwd)
  mkdir -p "$2"
  target=$(cd "$2" && pwd)
  shift 2
  rm -rf "$directory/downloads"
  mkdir -p "$directory/downloads"
  (cd "$directory/downloads" && debian_apt "$directory" download "$@") || return 1
  for package in "$directory"/downloads/*.deb; do dpkg-deb -x "$package" "$target" || return 1; done
  rm -rf "$directory/downloads"
}
