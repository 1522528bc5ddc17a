# Sourced by scripts/test, scripts/check and scripts/demo: goes to the repository root and makes `.venv` what
# requirements.lock says. Needs python 3.11 or newer and, the first time or after a change of the lock, pip's index.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export PYTHONUTF8=1 PIP_DISABLE_PIP_VERSION_CHECK=1

find_python() {
  local name
  for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
    [ -n "$name" ] && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$name"; return; }
  done
  echo "Tongban needs Python 3.11 or newer; none was found on PATH." >&2
  return 1
}

setup() {
  local python=.venv/bin/python lock stamp=.venv/.tongban-installed
  if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    local system
    system=$(find_python)
    echo "making .venv" >&2
    "$system" -m venv --clear .venv
  fi
  lock=$(cat requirements.lock pyproject.toml | "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest(), sys.argv[1])' "$root")
  if [ "$(cat "$stamp" 2>/dev/null)" != "$lock" ]; then
    echo "installing the packages of requirements.lock" >&2
    "$python" -m pip install --quiet --require-hashes -r requirements.lock || return 1
    "$python" -m pip install --quiet --no-deps -e . || return 1
    echo "$lock" > "$stamp"
  fi
}
