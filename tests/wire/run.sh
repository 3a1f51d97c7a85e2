#!/usr/bin/env bash
# Holds the cloud adapters to their ports' contracts over the wire, and reads a seeded account's inventory, against two local
# AWSs on free loopback ports: ministack for the adapters, moto for the inventory.
#
# Starts them, waits until they are ready, seeds moto's account, runs the test binary `wire`, and stops both by their process ids
# whatever happens.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/venv.sh"
work=$(mktemp -d)
servers=()

stop() {
    for server in "${servers[@]}"; do
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap stop EXIT

# The kernel names a free port; between this and the server's start somebody could take it, and the server would say so.
free_port() {
    "$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
# Waits until the server (name, process id, address) answers.
await() {
    for _ in $(seq 120); do
        if "$venv/bin/python" -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)' "$3" 2>/dev/null; then
            return
        fi
        if ! kill -0 "$2" 2>/dev/null; then
            echo "wire: $1 ended before it was ready:" >&2
            cat "$work/$1.log" >&2
            exit 1
        fi
        sleep 0.5
    done
    echo "wire: $1 was not ready within a minute" >&2
    exit 1
}

# The adapters read AWS's own variables, as they do in Lambda. These credentials are nobody's.
export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_EC2_METADATA_DISABLED=true
unset AWS_PROFILE AWS_SESSION_TOKEN

cd "$work"
port=$(free_port)
endpoint=http://127.0.0.1:$port
BIND_HOST=127.0.0.1 GATEWAY_PORT=$port LAMBDA_EXECUTOR=local "$venv/bin/ministack" >"$work/ministack.log" 2>&1 &
ministack=$!
servers+=("$ministack")
port=$(free_port)
account=http://127.0.0.1:$port
"$venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$work/moto.log" 2>&1 &
moto=$!
servers+=("$moto")
await ministack "$ministack" "$endpoint/_ministack/health"
await moto "$moto" "$account/moto-api/"
AWS_ENDPOINT_URL=$account "$venv/bin/python" "$here/seed.py" >"$work/seed.json"

"$venv/bin/python" "$here/calls.py"

cd "$here/../.."
AWS_ENDPOINT_URL=$endpoint QUARTERDECK_WIRE_ENDPOINT=$endpoint \
    QUARTERDECK_MOTO_ENDPOINT=$account QUARTERDECK_MOTO_SEED=$work/seed.json \
    cargo test --workspace --locked --test wire "$@" || {
    status=$?
    tail -n 40 "$work/ministack.log" "$work/moto.log" >&2
    exit "$status"
}
