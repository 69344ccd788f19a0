#!/usr/bin/env bash
# setup.sh VENV PYTHON3: the locked requirements of envs/runtime.txt, and this package, into VENV.
#
# The compiler comes first: while pip installs the rest on one core, it compiles the library on
# another, which every first run waits for otherwise. What it makes is kept in zig/.zig-cache, where
# the workflow's own rule finds it. Our own bytecode is made there, too.
set -euo pipefail
cd "$(dirname "$0")/.."
VENV=$1 PYTHON3=$2

pip_install() {
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "$@" || {
    echo "setup: pip could not fill $VENV: its lines above say why; the same command goes on from here" >&2
    return 1
  }
}

compile() { # with the standard library alone: nothing else is installed yet
  local output
  output=$(mktemp -d)
  # What fails here is told by the rule, which does it again.
  PYTHONPATH=src "$VENV/bin/python" -m components build-library --output "$output/lib.so" || true
  rm -rf "$output"
  # Once, for processes that may not write it: a server's user, CI.
  "$VENV/bin/python" -m compileall -q src
}

"$PYTHON3" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo 'python3 must be 3.11 or newer; PYTHON3=... names another'
  exit 2
}
[ -x "$VENV/bin/python" ] || "$PYTHON3" -m venv "$VENV" || {
  echo "python3 lacks venv: install your system's python3-venv"
  exit 2
}
echo "installing the locked requirements into $VENV: 0.8 GB, half a minute where they are cached, minutes where not"
awk '/^[^ ]/ {is_wanted = /^ziglang=/} is_wanted' envs/runtime.txt |
  pip_install --require-hashes -r /dev/stdin
# A process group of its own, to be ended whole where the rest fails or is interrupted.
set -m
compile >/dev/null 2>&1 &
set +m
trap 'kill -- -$! 2>/dev/null || true' EXIT
pip_install --require-hashes -r envs/runtime.txt
pip_install --no-deps --no-build-isolation --editable .
wait $! || true
