#!/usr/bin/env bash
# Makes the generated parts of both clients from the document of a `mysms` that it starts (`write`), or sees
# that they are up to date, tries both clients on it, and builds and installs what people install (`check`).
# usage: scripts/clients.sh write|check path/to/mysms
set -euo pipefail

WHAT=${1:?usage: scripts/clients.sh write|check path/to/mysms}
MYSMS=$(realpath "${2:?usage: scripts/clients.sh write|check path/to/mysms}")
CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
TYPESCRIPT=$CHECKOUT/clients/typescript
PYTHON=$CHECKOUT/clients/python
VENV=$CHECKOUT/.services/clients

if ! cmp -s "$TYPESCRIPT/package-lock.json" "$TYPESCRIPT/node_modules/installed"; then
  echo "Installing TypeScript and its generator into clients/typescript/node_modules"
  (cd "$TYPESCRIPT" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
  cp "$TYPESCRIPT/package-lock.json" "$TYPESCRIPT/node_modules/installed"
fi
if ! cmp -s "$PYTHON/requirements.txt" "$VENV/requirements.txt"; then
  echo "Installing mypy and pytest into $VENV"
  python3 -m venv --clear "$VENV"
  "$VENV/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$PYTHON/requirements.txt"
  cp "$PYTHON/requirements.txt" "$VENV/requirements.txt"
fi

source "$CHECKOUT/scripts/running.sh"
export PYTHONDONTWRITEBYTECODE=1

# What is made, in the folders of the two clients' sources.
generate() {
  local typescript=$1 python=$2
  curl --silent --fail --output "$SCRATCH/openapi.json" "$MYSMS_URL/openapi.json"
  "$TYPESCRIPT/node_modules/.bin/openapi-typescript" "$SCRATCH/openapi.json" --output "$typescript/schema.ts" >/dev/null
  "$VENV/bin/python" "$PYTHON/tools/generate.py" "$SCRATCH/openapi.json" "$python"
  mkdir -p "$python/_sync"
  "$VENV/bin/python" "$PYTHON/tools/unasync.py" "$PYTHON/src/mysms/_async" "$python/_sync"
}

if [[ $WHAT == write ]]; then
  generate "$TYPESCRIPT/src" "$PYTHON/src/mysms"
  exit
fi

echo "Whether the clients are what the document says"
mkdir -p "$SCRATCH/typescript" "$SCRATCH/python"
generate "$SCRATCH/typescript" "$SCRATCH/python"
same() { diff --brief "$1" "$2" || { echo "Run \`make clients\`, and commit what it changes."; exit 1; }; }
same "$SCRATCH/typescript/schema.ts" "$TYPESCRIPT/src/schema.ts"
for file in models.py operations.py _sync/{__init__,client,http,pages,stream}.py; do
  same "$SCRATCH/python/$file" "$PYTHON/src/mysms/$file"
done

source "$CHECKOUT/scripts/browser.sh"
curl --silent --fail --output /dev/null --data '{"username": "john_doe", "password": "password123"}' "$MYSMS_URL/signup"
# The first example of a page, which has to work as it stands there, for this server.
example() {
  awk -v begin="\`\`\`$1" '$0 == begin { inside = 1; next } inside && /^```/ { exit } inside' "$2" |
    sed "s|http://127.0.0.1:3000|$MYSMS_URL|"
}

echo "TypeScript: types, tests, package, the README's example"
cd "$TYPESCRIPT"
rm -rf dist
node_modules/.bin/tsc -p .
node_modules/.bin/tsc -p tests
node --test --test-reporter=spec tests/all.js
mkdir "$SCRATCH/npm"
npm pack --silent --pack-destination "$SCRATCH/npm" >/dev/null
cd "$SCRATCH/npm"
npm install --silent --offline --no-audit --no-fund ./mysms-client-*.tgz
example js "$TYPESCRIPT/README.md" >example.mjs
timeout 60 node example.mjs

echo "Python: types, tests, wheel, the README's example"
cd "$PYTHON"
"$VENV/bin/mypy" --cache-dir "$VENV/mypy" --no-error-summary
PYTHONPATH=src "$VENV/bin/pytest" --quiet -p no:cacheprovider
"$VENV/bin/pip" wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir "$SCRATCH/wheel" .
"$VENV/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$SCRATCH/site" "$SCRATCH"/wheel/mysms_client-*.whl
example python README.md >"$SCRATCH/example.py"
cd "$SCRATCH"
PYTHONPATH=$SCRATCH/site timeout 60 "$VENV/bin/python" example.py
