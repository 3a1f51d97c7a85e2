#!/usr/bin/env bash
# Holds the cloud adapters to their ports' contracts over the wire, against ministack on a free loopback port.
#
# Installs ministack (pinned in requirements.txt) into a venv of its own once, starts it, waits until it is ready, runs
# the test binary `wire`, and stops the server by its process id whatever happens.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=${QUARTERDECK_VENV:-$HOME/.cache/quarterdeck/venv}
work=$(mktemp -d)
server=

stop() {
    if [[ -n $server ]]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap stop EXIT

if ! cmp -s "$here/requirements.txt" "$venv/requirements.installed"; then
    echo "wire: installing ministack into $venv"
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/requirements.installed"
fi

# The kernel names a free port; between this and the server's start somebody could take it, and the server would say so.
port=$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cd "$work"
BIND_HOST=127.0.0.1 GATEWAY_PORT=$port LAMBDA_EXECUTOR=local "$venv/bin/ministack" >"$work/ministack.log" 2>&1 &
server=$!
endpoint=http://127.0.0.1:$port
ready() {
    "$venv/bin/python" -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)' \
        "$endpoint/_ministack/health" 2>/dev/null
}
for _ in $(seq 120); do
    ready && break
    if ! kill -0 "$server" 2>/dev/null; then
        echo 'wire: ministack ended before it was ready:' >&2
        cat "$work/ministack.log" >&2
        exit 1
    fi
    sleep 0.5
done
ready || { echo 'wire: ministack was not ready within a minute' >&2; exit 1; }

cd "$here/../.."
# The adapters read AWS's own variables, as they do in Lambda. These credentials are nobody's.
export AWS_ENDPOINT_URL=$endpoint AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_EC2_METADATA_DISABLED=true
unset AWS_PROFILE AWS_SESSION_TOKEN
QUARTERDECK_WIRE_ENDPOINT=$endpoint cargo test --workspace --locked --test wire "$@" || {
    status=$?
    tail -n 40 "$work/ministack.log" >&2
    exit "$status"
}
