#!/usr/bin/env bash
# Lets a real browser use the web client of a `mysms` that it starts, and checks the client's types.
# With SCREENSHOTS=docs/screenshots it also takes the pictures of the README.
# usage: scripts/check-web.sh path/to/mysms
set -euo pipefail

MYSMS=$(realpath "${1:?usage: scripts/check-web.sh path/to/mysms}")
export MYSMS
if [[ -n ${SCREENSHOTS:-} ]]; then
  SCREENSHOTS=$(realpath -m "$SCREENSHOTS")
  export SCREENSHOTS
fi
cd "$(dirname "${BASH_SOURCE[0]}")/../web"

source ../scripts/browser.sh

if ! cmp -s package-lock.json node_modules/installed; then
  echo "Installing TypeScript, Playwright and axe into web/node_modules"
  npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
  cp package-lock.json node_modules/installed
fi

node_modules/.bin/tsc -p .
node --test --test-reporter=spec tests/all.js
