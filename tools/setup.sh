#!/usr/bin/env bash
# Makes the virtual environment from a hashed lock: uv where it can be had, else pip.
#   setup.sh run   what running needs, and nothing else
#   setup.sh dev   what tests, checks and generators need besides; Debian's packages for them, too
# What installs (pip, uv, the build back end) stays out of the environment: it lies in .tools/installer.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}
what=${1:-dev}
lock=requirements/$what.lock
installer=.tools/installer
say() { echo "setup: $1"; }
stop() { echo "setup: $1" >&2; exit 1; }

# Whoever runs this may have a Python without bytecode; here each command would compile all that it imports anew.
unset PYTHONDONTWRITEBYTECODE

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  stop "Towpath needs Python 3.11 or newer; '$PYTHON' is $("$PYTHON" --version 2>&1 || true). Set PYTHON=/path/to/python3.11."
git --version >/dev/null 2>&1 ||
  stop "git cannot be run, and Towpath moves releases with it; install git 2.38 or newer (on Debian and Ubuntu: apt install git)."

# An environment knows its own path: one that was moved with the clone, or that a kill left half-made, is made anew.
place=$(cat "$VENV/.place" 2>/dev/null || { [ ! -e "$VENV/.ready" ] || echo "$PWD"; })
if [ "$place" != "$PWD" ] || ! "$VENV/bin/python" -c '' 2>/dev/null; then
  say "making $VENV"
  "$PYTHON" -m venv --clear --without-pip "$VENV" || stop "'$PYTHON -m venv' failed (above); is there room, and may you write here?"
fi
echo "$PWD" >"$VENV/.place"

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Python brings pip along as a wheel, which runs as it is: to install it first would take longer than all the rest.
bundled=$("$PYTHON" -c '
import importlib.util, pathlib, sysconfig
found = importlib.util.find_spec("ensurepip")
places = [sysconfig.get_config_var("WHEEL_PKG_DIR"), "/usr/share/python-wheels"]
places += [place + "/_bundled" for place in (found.submodule_search_locations if found else ())]
wheels = [wheel for place in places if place for wheel in sorted(pathlib.Path(place).glob("pip-*.whl"))]
print(wheels[-1] if wheels else "")')
[ -n "$bundled" ] || stop "'$PYTHON' has no pip for virtual environments; on Debian and Ubuntu install the package python3-venv."
pip() { "$VENV/bin/python" "$bundled/pip" install --quiet --disable-pip-version-check --no-warn-script-location "$@"; }
uv() { UV_PYTHON_DOWNLOADS=never "$installer/bin/uv" pip install --quiet --python "$VENV/bin/python" "$@"; }

if ! cmp -s requirements/bootstrap.lock "$installer/.lock"; then
  say "fetching the installer (uv)"
  rm -rf "$installer"
  mkdir -p .tools
  pip --no-compile --target "$installer" --require-hashes -r requirements/bootstrap.lock >"$log" 2>&1 || {
    cat "$log" >&2
    stop "pip could not install requirements/bootstrap.lock (above); is a package index reachable?"
  }
  cp requirements/bootstrap.lock "$installer/.lock"
fi

say "installing $(grep -c '^[a-z0-9].*==' "$lock") packages of $lock"
if ! uv --compile-bytecode --require-hashes -r "$lock" >"$log" 2>&1; then
  say "uv could not install (it does not read pip's configuration); using pip"
  pip --require-hashes -r "$lock" >>"$log" 2>&1 || {
    cat "$log" >&2
    stop "neither uv nor pip could install $lock (above); is a package index reachable?"
  }
fi
export PYTHONPATH="$PWD/$installer"
own=(--no-deps --no-build-isolation --no-index --editable .)
uv "${own[@]}" >"$log" 2>&1 || pip "${own[@]}" >>"$log" 2>&1 || {
  cat "$log" >&2
  stop "Towpath itself could not be installed into $VENV (above)."
}
unset PYTHONPATH
"$VENV/bin/python" -m compileall -q src >/dev/null || true
if [ "$what" = dev ]; then
  bash tools/apt.sh
  bash tools/programs.sh
  bash tools/ui.sh packages || say "without the packages of the web UI its checks fail; everything else works"
  touch "$VENV/.ready"
fi
touch "$VENV/.ready-run"
say "done; the command is $VENV/bin/towpath"
