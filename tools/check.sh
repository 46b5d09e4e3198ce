#!/usr/bin/env bash
# Lint, types, import layers, drift of generated files, tests. Run by `make check` and by .ci/run.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
step() { printf '\n== %s\n' "$1"; }

step "lint";          "$bin/ruff" check .
                      "$bin/ruff" format --check .
step "types";         "$bin/mypy"
step "import layers"; "$bin/lint-imports"
step "generated files"; "$bin/python" -m tools.generate --check
step "tests";         make --no-print-directory test
