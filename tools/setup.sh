#!/usr/bin/env bash
# Makes the virtual environment: uv where it can be had, else pip, from the same hashed lock.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}

if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "setup: Towpath needs Python 3.11 or newer; '$PYTHON' is $("$PYTHON" --version 2>&1). Set PYTHON=/path/to/python3.11." >&2
  exit 1
fi
if [ ! -x "$VENV/bin/python" ]; then
  echo "setup: creating $VENV"
  "$PYTHON" -m venv "$VENV" || {
    echo "setup: '$PYTHON -m venv' failed; on Debian and Ubuntu install the package python3-venv." >&2
    exit 1
  }
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
install_with_uv() {
  "$VENV/bin/python" -m pip install --quiet --require-hashes -r requirements/bootstrap.lock &&
    UV_PYTHON_DOWNLOADS=never "$VENV/bin/uv" pip install --quiet --compile-bytecode --python "$VENV/bin/python" --require-hashes -r requirements/dev.lock
}
install_with_pip() {
  "$VENV/bin/python" -m pip install --quiet --require-hashes -r requirements/dev.lock
}
echo "setup: installing dependencies"
if ! install_with_uv >"$log" 2>&1; then
  echo "setup: uv could not install (it does not read pip's configuration); using pip"
  if ! install_with_pip >>"$log" 2>&1; then
    cat "$log" >&2
    echo "setup: neither uv nor pip could install requirements/dev.lock; is a package index reachable?" >&2
    exit 1
  fi
fi
"$VENV/bin/python" -m pip install --quiet --no-deps --no-build-isolation --no-index --editable . >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
# Where PYTHONDONTWRITEBYTECODE is set every command would compile all it imports anew, which takes it twice as long.
"$VENV/bin/python" -m compileall -q src >/dev/null || true
bash tools/apt.sh
bash tools/kubectl.sh
echo "setup: done; the command is $VENV/bin/towpath"
