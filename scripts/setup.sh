#!/bin/sh
# Makes .venv ready for the tests and the demo, or says in one sentence what is missing.
#
# Safe to run at any time: a ready environment costs a fraction of a second, a half-made, moved or broken one is
# repaired, and a change of pyproject.toml or constraints.txt installs again.
set -eu

cd "$(dirname "$0")/.."
root=$(pwd -P)
venv=$root/.venv
stamp=$venv/.ready
log=

# What a user's shell may set for other purposes and what would send the packages elsewhere.
unset PYTHONHOME PYTHONPATH PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_HASHES PIP_CONSTRAINT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 DEBIAN_FRONTEND=noninteractive

trap '[ -z "$log" ] || rm -f "$log"' EXIT

give_up() {
    printf 'setup: %s\n' "$1" >&2
    exit 1
}

recent_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' </dev/null >/dev/null 2>&1
}

can_make_venvs() {
    "$1" -c 'import ensurepip, venv' </dev/null >/dev/null 2>&1
}

# The first Python that can do everything; else the first that is at least new enough.
find_python() {
    second_best=
    for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
        recent_enough "$candidate" || continue
        if can_make_venvs "$candidate"; then
            echo "$candidate"
            return
        fi
        [ -n "$second_best" ] || second_best=$candidate
    done
    echo "$second_best"
}

# Debian keeps ensurepip in a package of its own.
install_venv_module() {
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "setup: installing $package"
        apt-get update -qq >"$log" 2>&1 || true
        apt-get install -y -qq --no-install-recommends "$package" >"$log" 2>&1 || cat "$log" >&2
    fi
    can_make_venvs "$1" || give_up "$1 cannot make virtual environments; run: apt-get install $package"
}

# Changes with everything that the environment was made from. Scripts in a venv hold its absolute path.
fingerprint() {
    { echo "$root"; cat pyproject.toml constraints.txt scripts/setup.sh; } | cksum
}

is_alive() {
    recent_enough "$venv/bin/python" && "$venv/bin/python" -m pip --version </dev/null >/dev/null 2>&1
}

# Looks for the packages without importing them: a mistake in the code is not a broken environment.
is_whole() {
    recent_enough "$venv/bin/python" && "$venv/bin/python" </dev/null >/dev/null 2>&1 -c '
from importlib.util import find_spec
assert all(map(find_spec, ("tautwire", "aiohttp", "click", "msgspec", "pytest", "slack_bolt", "slack_sdk")))'
}

is_ready() {
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ] && is_whole
}

make_venv() {
    python=$(find_python)
    [ -n "$python" ] || give_up "Python 3.11 or newer is missing; run: apt-get install python3 python3-venv"
    can_make_venvs "$python" || install_venv_module "$python"
    echo "setup: making .venv with $("$python" --version)"
    rm -rf "$venv"
    "$python" -m venv "$venv" </dev/null >"$log" 2>&1 || {
        cat "$log" >&2
        give_up "$python could not make the virtual environment; its words are above"
    }
}

install_packages() {
    echo "setup: installing the packages (a minute or so, once)"
    "$venv/bin/python" -m pip install -c constraints.txt -e '.[test,bolt,demo]' </dev/null >"$log" 2>&1 && return
    grep -v '^WARNING: Location' "$log" | tail -n 30 >&2
    if grep -qE 'from versions: none|NewConnectionError|NameResolutionError|ConnectTimeout|ProxyError|SSLError' "$log"; then
        give_up "pip cannot reach its package index; check the network, the proxy variables and pip's configuration"
    elif grep -qE 'No matching distribution|ResolutionImpossible' "$log"; then
        give_up "the package index has no versions that fit constraints.txt; see pip's words above"
    fi
    give_up "pip could not install the packages; its words are above"
}

# Two runs at once take turns. The lock goes with the process.
if command -v flock >/dev/null 2>&1; then
    exec 9<pyproject.toml
    flock 9
fi

if is_ready; then
    exit 0
fi
rm -f "$stamp"
log=$(mktemp)
if is_alive; then
    install_packages
fi
# pip takes a package for installed when only its label is left; a new environment has no such memories.
if ! is_whole; then
    make_venv
    install_packages
    is_whole || give_up "pip is content, but packages are missing from .venv; see whether the disk is full"
fi
fingerprint >"$stamp"
