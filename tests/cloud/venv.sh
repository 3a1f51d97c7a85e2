# Sourced: puts the pinned tools of requirements.txt first on the path, installing them once. Sets $venv.
venv=${QUARTERDECK_CLOUD_VENV:-$HOME/.cache/quarterdeck/cloud/venv}
requirements=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/requirements.txt
if ! cmp -s "$requirements" "$venv/requirements.installed"; then
    echo "installing ministack, sam, cfn-lint and cargo-lambda into $venv"
    python3 -m venv "$venv"
    # Compiled when it is first imported: most of it never is.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --requirement "$requirements"
    cp "$requirements" "$venv/requirements.installed"
fi
PATH=$venv/bin:$PATH
# Nothing here is anybody's business, and nothing here is anybody's account.
export SAM_CLI_TELEMETRY=0 AWS_EC2_METADATA_DISABLED=true AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
unset AWS_PROFILE AWS_SESSION_TOKEN
