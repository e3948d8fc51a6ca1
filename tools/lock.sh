#!/bin/sh
# Renews the lock files. Neither --index-url nor a header may ever stand in them: a registry's name tells where we work.
set -eu
cd "$(dirname "$0")/.."
compile() { .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$@"; }
compile --extra build --extra test pyproject.toml -o requirements/dev.txt
compile --extra build --extra score --extra outcomes -c requirements/dev.txt pyproject.toml -o requirements/run.txt
compile -c requirements/dev.txt pyproject.toml -o requirements/base.txt
echo uv | compile - -o requirements/uv.txt
