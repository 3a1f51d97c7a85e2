#!/usr/bin/env bash
# Holds infra/template.yaml to its promises: two linters, then the tables of this folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../cloud/venv.sh"
cd "$here/../.."
cfn-lint infra/template.yaml
sam validate --lint --template infra/template.yaml 2>&1 | grep -vE '^$|SAM CLI update|To download'
python -m unittest discover --quiet --start-directory tests/infra
