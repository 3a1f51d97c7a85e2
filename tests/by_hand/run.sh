#!/usr/bin/env bash
# Recomputes KPIs of harbor and of the hotel data by plain Python, month by month, and compares with the product: 85 s.
# BY_HAND_EVERY_MONTH=1 takes every month end of both (four minutes). Start reading at test_harbor.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
export QUARTERDECK="${QUARTERDECK:-${CARGO_TARGET_DIR:-$HOME/.cache/quarterdeck/target}/debug/quarterdeck}"
[[ -x $QUARTERDECK ]] || { echo "no binary at $QUARTERDECK: make build, or set QUARTERDECK" >&2; exit 1; }
[[ -d examples/harbor/tables ]] || python3 examples/harbor/generate
exec python3 -m unittest discover --verbose --start-directory tests/by_hand "$@"
