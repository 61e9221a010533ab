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

SCRATCH=$(mktemp -d)
LOG=$SCRATCH/log
MYSMS_PID=
finish() {
  if [[ -n $MYSMS_PID ]]; then kill "$MYSMS_PID" 2>/dev/null || true; wait "$MYSMS_PID" || true; fi
  rm -rf "$SCRATCH"
}
trap finish EXIT

PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export MYSMS_URL=http://127.0.0.1:$PORT
# Whatever this shell's environment says, no text made up here may go out.
env -i SMS_PROVIDER=simulator DATA_DIR="$SCRATCH/data" BIND_ADDRESS=127.0.0.1 PORT="$PORT" \
  AUTH_ATTEMPTS_PER_MINUTE=1000000 ACCOUNT_ATTEMPTS_PER_MINUTE=1000000 RUST_LOG=error LOG_FORMAT=json "$MYSMS" >"$LOG" 2>&1 &
MYSMS_PID=$!
for _ in $(seq 150); do
  curl --silent --fail --output /dev/null "$MYSMS_URL/readyz" && break
  kill -0 "$MYSMS_PID" || { cat "$LOG"; exit 1; }
  sleep 0.2
done

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
