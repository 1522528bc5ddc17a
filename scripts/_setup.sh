# Sourced by scripts/test, scripts/check and scripts/demo: goes to the repository root and makes `.venv` what
# requirements-dev.lock says. Needs python 3.11 or newer and, the first time or after a change of the lock, pip's index.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export PYTHONUTF8=1 PIP_DISABLE_PIP_VERSION_CHECK=1
unset PYTHONDONTWRITEBYTECODE  # hundreds of processes start: each would compile the program anew

find_python() {
  local name
  for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
    [ -n "$name" ] && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$name"; return; }
  done
  echo "Tongban needs Python 3.11 or newer; none was found on PATH." >&2
  return 1
}

# For scripts/test: Debian's Chromium (without windows where it is packaged, which is much faster) and Chinese letters, installed
# when that is possible without asking. Without them the tests of the pages do not run, and say so.
browser() {
  if command -v chromium-headless-shell >/dev/null 2>&1 && { ! command -v fc-list >/dev/null 2>&1 || fc-list :lang=zh | grep -q .; }; then
    return 0
  fi
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing chromium-headless-shell and fonts-noto-cjk with apt-get, for the tests of the pages" >&2
    export DEBIAN_FRONTEND=noninteractive
    {
      apt-get update -qq
      apt-get install -y -qq --no-install-recommends chromium-headless-shell fonts-noto-cjk ||
        apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk
    } >/dev/null 2>&1 || true
  fi
  if ! command -v chromium-headless-shell >/dev/null 2>&1 && ! command -v chromium >/dev/null 2>&1; then
    echo "THERE IS NO CHROMIUM: the tests of the pages (tests/browser) will NOT run. As root: apt-get install chromium-headless-shell fonts-noto-cjk" >&2
  fi
}

setup() {
  local python=.venv/bin/python lock stamp=.venv/.tongban-installed
  if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    local system
    system=$(find_python)
    echo "making .venv" >&2
    "$system" -m venv --clear .venv
  fi
  lock=$(cat requirements-dev.lock pyproject.toml | "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest(), sys.argv[1])' "$root")
  if [ "$(cat "$stamp" 2>/dev/null)" != "$lock" ]; then
    echo "installing the packages of requirements-dev.lock" >&2
    "$python" -m pip install --quiet --require-hashes -r requirements-dev.lock || return 1
    "$python" -m pip install --quiet --no-deps -e . || return 1
    echo "$lock" > "$stamp"
  fi
}
