#!/usr/bin/env bash
# A whole night in the cloud's own shape: deploys infra/template.yaml to a local AWS that runs the real bootstraps, and checks what an
# owner would want to know. At most ten minutes. usage: run.sh [--record FILE] [--keep]; see driver.py.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/venv.sh"
cd "$here/../.."
exec timeout --signal=TERM --kill-after=20 600 python tests/cloud/driver.py "$@"
