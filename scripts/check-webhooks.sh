#!/usr/bin/env bash
# Lets the examples of docs/webhooks.md, with the official libraries of Standard Webhooks, receive from a `mysms`
# that it starts: they have to take what it signs, and nothing once their secret is no longer good. Enters the
# examples of docs/keys.md for the same `mysms`. And lets Twilio's own library use the `twilio-sim` beside it, so
# that what the messenger is tried against is like Twilio.
# usage: scripts/check-webhooks.sh path/to/mysms
set -euo pipefail

MYSMS=$(realpath "${1:?usage: scripts/check-webhooks.sh path/to/mysms}")
CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
HERE=$CHECKOUT/scripts/check-webhooks

LIBRARIES=$CHECKOUT/.services/webhooks
if ! cat "$HERE"/{requirements.txt,package-lock.json} | cmp -s - "$LIBRARIES/installed"; then
  echo "Installing the libraries into $LIBRARIES"
  mkdir -p "$LIBRARIES"
  python3 -m venv --clear "$LIBRARIES/venv"
  "$LIBRARIES/venv/bin/pip" install --quiet --disable-pip-version-check -r "$HERE/requirements.txt"
  cp "$HERE"/package*.json "$LIBRARIES"
  (cd "$LIBRARIES" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
  cat "$HERE"/{requirements.txt,package-lock.json} >"$LIBRARIES/installed"
fi

SCRATCH=$(mktemp -d)
STARTED=()
finish() {
  for process in "${STARTED[@]}"; do kill "$process" 2>/dev/null || true; wait "$process" || true; done
  rm -rf "$SCRATCH"
}
trap finish EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# The example of a page in a language; if it has several, the one with that number.
example() {
  awk -v begin="\`\`\`$2" -v number="${3:-1}" \
    '$0 == begin { on = ++seen == number; next } /^```/ { on = 0 } on' "$CHECKOUT/docs/$1.md"
}
# Waits until a command succeeds. A worker that has just looked at a user's webhooks sees a new one within a minute.
eventually() { for _ in $(seq 450); do "$@" && return; sleep 0.2; done; return 1; }

SIM_PORT=$(free_port)
# The simulator's own, which are no secret.
TWILIO=(SIM_ACCOUNT_SID=AC5104e1a70c0d4a4f9b0e6d3c2b1a0f9e SIM_AUTH_TOKEN=5104e1a7000000000000000000000001)
env -i "${TWILIO[@]}" SIM_PORT="$SIM_PORT" RUST_LOG=warn "$(dirname "$MYSMS")/twilio-sim" >"$SCRATCH/twilio-sim.log" 2>&1 &
STARTED+=($!)
SIM_URL=http://127.0.0.1:$SIM_PORT
eventually curl --silent --fail --output /dev/null "$SIM_URL/healthz" || { cat "$SCRATCH/twilio-sim.log"; exit 1; }
env "${TWILIO[@]}" SIM_URL="$SIM_URL" "$LIBRARIES/venv/bin/python" -B "$HERE/official_client.py"

PORT=$(free_port)
URL=http://127.0.0.1:$PORT
env -i SMS_PROVIDER=simulator DATA_DIR="$SCRATCH/data" BIND_ADDRESS=127.0.0.1 PORT="$PORT" \
  RUST_LOG=warn LOG_FORMAT=json "$MYSMS" >"$SCRATCH/log" 2>&1 &
STARTED+=($!)
eventually curl --silent --fail --output /dev/null "$URL/readyz" || { cat "$SCRATCH/log"; exit 1; }

field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
TOKEN=$(curl --silent --fail --data '{"username": "john_doe", "password": "password123"}' "$URL/signup" | field token)
call() { curl --silent --show-error --fail-with-body --header "Authorization: Bearer $TOKEN" "$@"; }
# What the receiver of a webhook answers to a test.
tested() { call --request POST "$URL/webhooks/$1/test" | field status; }

expect() {
  if [[ $2 != "$3" ]]; then echo "$1: $2 instead of $3"; cat "$SCRATCH"/*.log; exit 1; fi
  echo "$1: $2"
}

# usage: check <language of the example> <file> <program…>
check() {
  local language=$1 file=$LIBRARIES/$2 port webhook id secret
  shift 2
  example webhooks "$language" >"$file"
  port=$(free_port)
  webhook=$(call --data "{\"url\": \"http://127.0.0.1:$port/sms\"}" "$URL/webhooks")
  id=$(field id <<<"$webhook")
  secret=$(field secret <<<"$webhook")
  PORT=$port WEBHOOK_SECRET=$secret "$@" "$file" >"$SCRATCH/$language.log" 2>&1 &
  STARTED+=($!)
  eventually curl --silent --output /dev/null "http://127.0.0.1:$port"

  expect "$language: an event that nobody signed" \
    "$(curl --silent --output /dev/null --write-out '%{http_code}' --data '{}' "http://127.0.0.1:$port/sms")" 401
  expect "$language: an event of ours" "$(tested "$id")" 204
  call --data '{"recipient": "+14155550123", "content": "Hello"}' "$URL/messages" >"$SCRATCH/answer"
  eventually grep --quiet "^msg_$(field id <"$SCRATCH/answer")_[0-9]* message.updated$" "$SCRATCH/$language.log" || {
    echo "$language: no event tells of a text"
    cat "$SCRATCH"/*.log
    exit 1
  }
  echo "$language: an event tells of a text"
  call --request POST "$URL/webhooks/$id/secret" >"$SCRATCH/answer"
  expect "$language: with a former secret" "$(tested "$id")" 204
  call --request POST "$URL/webhooks/$id/secret" >"$SCRATCH/answer"
  expect "$language: with one before that" "$(tested "$id")" 401
}

check js receiver.mjs node
check python receiver.py "$LIBRARIES/venv/bin/python"

example keys sh 1 | sed "s|http://127.0.0.1:3000|$URL|" >"$SCRATCH/make.sh"
example keys json >"$SCRATCH/shown.json"
example keys sh 2 >"$SCRATCH/use.sh"
example keys js >"$SCRATCH/use.mjs"
example keys python >"$SCRATCH/use.py"
example keys sh 3 >"$SCRATCH/sandbox.sh"
expect "keys: examples" "$(grep -cE '^```(sh|js|python)$' "$CHECKOUT/docs/keys.md")" 5
env -i PATH="$PATH" HOME="$SCRATCH" bash "$HERE/keys.sh" "$SCRATCH"
if grep -E '"level":"ERROR"|panicked' "$SCRATCH/log"; then exit 1; fi
