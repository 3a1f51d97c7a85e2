# Sourced: installs the pinned tools of requirements.txt into a venv of their own, once. Sets $venv.
venv=${QUARTERDECK_VENV:-$HOME/.cache/quarterdeck/venv}
requirements=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/requirements.txt
if ! cmp -s "$requirements" "$venv/requirements.installed"; then
    echo "wire: installing ministack and moto into $venv"
    python3 -m venv "$venv"
    # Compiled when it is first imported: most of it never is.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --requirement "$requirements"
    cp "$requirements" "$venv/requirements.installed"
fi
