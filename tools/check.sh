#!/usr/bin/env bash
# Lint, types, import layers, drift of generated files, tests. Run by `make check` and by .ci/run.
# With the argument `quick`: of the tests those of single parts only.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
step() { printf '\n== %s\n' "$1"; }

step "lint";          "$bin/ruff" check .
                      "$bin/ruff" format --check .
step "types";         "$bin/mypy"
step "import layers"; "$bin/lint-imports"
step "web UI";        bash tools/ui.sh check
step "generated files"; "$bin/python" -m tools.generate --check
if [ "${1:-}" = quick ]; then
  step "tests of single parts"; TOWPATH_QUICK=1 "$bin/python" -m pytest -n auto --dist loadfile -m "not soak and not slow" tests/unit tests/property
else
  step "tests";         make --no-print-directory test
fi
