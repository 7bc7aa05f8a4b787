#!/bin/sh
# Makes Slack's own Node packages ready, which tests/interop runs against the local Slack, or says in one sentence what
# is missing. Nothing else here needs Node.
#
# Safe to run at any time: ready packages cost a fraction of a second, half-installed ones are installed anew, and so
# are all when a package.json changes. Each generation of the packages is installed where this Node is new enough for it.
set -eu

cd "$(dirname "$0")/.."
generations="tests/interop/node/current tests/interop/node/previous"
log=

export npm_config_update_notifier=false npm_config_loglevel=error npm_config_yes=true DEBIAN_FRONTEND=noninteractive

trap '[ -z "$log" ] || rm -f "$log"' EXIT

give_up() {
    printf 'setup: %s\n' "$1" >&2
    exit 1
}

# Whether this Node has at least the version that a package.json names under engines.
suits() {
    node -e '
const least = require(require("path").resolve(process.argv[1], "package.json")).engines.node.match(/\d+/g).map(Number);
const ours = process.versions.node.split(".").map(Number);
const at = least.findIndex((part, place) => part !== ours[place]);
process.exit(at < 0 || ours[at] > least[at] ? 0 : 1);' "$1" </dev/null >/dev/null 2>&1
}

can_install() {
    suits tests/interop/node/previous && npm --version </dev/null >/dev/null 2>&1
}

install_node() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "setup: installing Node.js and npm"
        apt-get update -qq >"$log" 2>&1 || true
        apt-get install -y -qq --no-install-recommends nodejs npm >"$log" 2>&1 || cat "$log" >&2
    fi
    can_install || give_up "Node.js 18 or newer, or its npm, is missing; run: apt-get install nodejs npm"
}

fingerprint() {
    cat "$1/package.json" scripts/setup_node.sh | cksum
}

# The stamp lies among the packages, so it goes when they go.
is_ready() {
    stamp=$1/node_modules/.ready
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint "$1")" ]
}

install_packages() {
    echo "setup: installing Slack's Node packages, ${1##*/} generation"
    rm -rf "$1/node_modules"
    (cd "$1" && npm install --no-package-lock --no-audit --no-fund --ignore-scripts) </dev/null >"$log" 2>&1 && return
    tail -n 30 "$log" >&2
    if grep -qE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|UNABLE_TO|CERT_' "$log"; then
        give_up "npm cannot reach its registry; check the network, the proxy variables and npm's configuration"
    elif grep -qE 'ETARGET|E404' "$log"; then
        give_up "the registry has no versions that fit $1/package.json; see npm's words above"
    fi
    give_up "npm could not install Slack's Node packages; its words are above"
}

# Two runs at once take turns. The lock goes with the process.
if command -v flock >/dev/null 2>&1; then
    exec 9<tests/interop/node/current/package.json
    flock 9
fi

log=$(mktemp)
suits tests/interop/node/previous || install_node
for generation in $generations; do
    if is_ready "$generation" || ! suits "$generation"; then
        continue
    fi
    can_install || install_node
    install_packages "$generation"
    fingerprint "$generation" >"$generation/node_modules/.ready"
done
