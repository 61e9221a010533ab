#!/usr/bin/env bash
# Reads the OpenAPI document of a running `mysms` as its users' tools do: two linters may find nothing,
# and what three generators make of it has to compile and to work.
# usage: MYSMS_URL=http://127.0.0.1:3000 scripts/generators/check.sh
set -euo pipefail

: "${MYSMS_URL:?must name a running mysms}"
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
WORK=$HERE/../../.services/generators
mkdir -p "$WORK"

if ! cmp -s "$HERE/package-lock.json" "$WORK/node_modules/installed"; then
  echo "Installing linters and generators into $WORK"
  cp "$HERE/package.json" "$HERE/package-lock.json" "$WORK"
  (cd "$WORK" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
  cp "$HERE/package-lock.json" "$WORK/node_modules/installed"
fi
if ! cmp -s "$HERE/requirements.txt" "$WORK/venv/requirements.txt"; then
  python3 -m venv --clear "$WORK/venv"
  "$WORK/venv/bin/pip" install --quiet --disable-pip-version-check -r "$HERE/requirements.txt"
  cp "$HERE/requirements.txt" "$WORK/venv/requirements.txt"
fi

cd "$WORK"
rm -rf ./*.ts hey made messenger openapi.json
cp "$HERE"/*.ts "$HERE"/*.json "$HERE"/*.yaml "$HERE"/*.py .
curl --silent --fail --output openapi.json "$MYSMS_URL/openapi.json"
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

echo "Redocly"
redocly() { node_modules/.bin/redocly lint --config redocly.yaml "$@" openapi.json 2>/dev/null; }
# Its exit code says nothing of warnings.
redocly --format=json >redocly.json || true
if ! grep --quiet '"problems": \[\]' redocly.json; then
  redocly || true
  exit 1
fi
echo "Spectral"
node_modules/.bin/spectral lint --ruleset spectral.yaml --fail-severity=hint --quiet openapi.json

echo "openapi-typescript, @hey-api/openapi-ts"
node_modules/.bin/openapi-typescript openapi.json --output schema.ts >/dev/null
node_modules/.bin/openapi-ts --input openapi.json --output hey --client @hey-api/client-fetch --silent
node_modules/.bin/tsc -p .
node made/with-openapi-fetch.js
node made/with-hey-api.js

echo "openapi-python-client"
PATH=$PWD/venv/bin:$PATH venv/bin/openapi-python-client generate --path openapi.json --output-path messenger --meta none --fail-on-warning
PYTHONPATH=. venv/bin/python with_python.py
