# Sourced: puts DuckDB and pyarrow of requirements.txt first on the path, installing them once. Sets $venv.
venv=${QUARTERDECK_BENCH_VENV:-$HOME/.cache/quarterdeck/bench/venv}
requirements=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/requirements.txt
if ! cmp -s "$requirements" "$venv/requirements.installed"; then
    echo "installing duckdb and pyarrow into $venv"
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$venv/requirements.installed"
fi
PATH=$venv/bin:$PATH
