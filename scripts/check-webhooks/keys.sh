#!/usr/bin/env bash
# Enters the examples of docs/keys.md in one shell, one after the other, so that each has what the ones before set
# and nothing else.
# usage: scripts/check-webhooks/keys.sh <folder that has them, where `shown.json` is the answer that the page shows>
set -euo pipefail

cd "$1"

field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
eventually() { for _ in $(seq 150); do "$@" && return; sleep 0.2; done; return 1; }

# Enters an example. The key that it leaves out is the one that was shown last.
enter() {
  sed '/KEY=mk_/,$d' "$1.sh" >part
  source ./part >"$1.made"
  if [[ -s $1.made ]]; then SHOWN=$(field key <"$1.made"); fi
  sed -n '/KEY=mk_/,$p' "$1.sh" | sed "s/mk_[a-z]*_…/$SHOWN/" >part
  source ./part >"$1.sent"
}

# A program tells the id and the status of the text that it sent.
is_sent() {
  grep -qE '^[0-9a-f-]{36} (queued|sending|accepted|sent|delivered)$' "$2" || { echo "keys: $1 sent nothing:"; cat "$2"; exit 1; }
  echo "keys: $1 sent a text"
}

enter make
python3 - <<'EOF'
import json
page, made = (json.load(open(name)).keys() for name in ("shown.json", "make.made"))
assert page == made, f"the page shows {sorted(page)}, a key has {sorted(made)}"
EOF
echo "keys: the answer is what the page shows"

enter use
echo "$(field id <use.sent) $(field status <use.sent)" >sent.sh
is_sent curl sent.sh
node use.mjs >sent.js
is_sent JavaScript sent.js
python3 use.py >sent.py
is_sent Python sent.py

enter sandbox
id=$(field id <sandbox.sent)
has_ended() { curl -s "$URL/messages?status=undelivered" -H "Authorization: Bearer $KEY" | grep -q "$id"; }
eventually has_ended || { echo "keys: the text of the sandbox is not undelivered"; exit 1; }
echo "keys: the text of the sandbox ended as its number says"
