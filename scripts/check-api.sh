#!/usr/bin/env bash
# Holds a running `mysms` against its /openapi.json. Linters read it, generators make clients of it that have
# to work, and Schemathesis asks everything that it allows and forbids: no answer may be a 5xx, and every
# answer must be as documented. Takes about three minutes.
# usage: scripts/check-api.sh path/to/mysms
set -euo pipefail

MYSMS=$(realpath "${1:?usage: scripts/check-api.sh path/to/mysms}")
CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
HERE=$CHECKOUT/scripts/check-api
SECONDS_TO_RUN=${SECONDS_TO_RUN:-120}

VENV=$CHECKOUT/.services/schemathesis
if ! cmp -s "$HERE/requirements.txt" "$VENV/requirements.txt"; then
  echo "Installing Schemathesis into $VENV"
  python3 -m venv --clear "$VENV"
  "$VENV/bin/pip" install --quiet --disable-pip-version-check -r "$HERE/requirements.txt"
  cp "$HERE/requirements.txt" "$VENV/requirements.txt"
fi

source "$CHECKOUT/scripts/running.sh"

"$CHECKOUT/scripts/generators/check.sh"

answer=$(curl --silent --fail --data '{"username": "john_doe", "password": "password123"}' "$MYSMS_URL/signup")
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1" <<<"$answer"; }
MYSMS_TOKEN=$(field token)
MYSMS_USER=$(field username_hash)
export MYSMS_TOKEN MYSMS_USER

cd "$SCRATCH"
SCHEMATHESIS_HOOKS=$HERE/hooks.py "$VENV/bin/schemathesis" --config-file "$HERE/schemathesis.toml" \
  run "$MYSMS_URL/openapi.json" --max-time "$SECONDS_TO_RUN"
# What fails without an answer is in the log.
if grep -E '"level":"ERROR"|panicked' "$LOG"; then exit 1; fi
