#!/usr/bin/env bash
# Sends one text through a running installation that simulates, and waits until it is delivered.
#   deploy/smoke.sh http://127.0.0.1:3000
set -euo pipefail
url=${1:?usage: smoke.sh URL}
for tool in curl jq; do command -v "$tool" >/dev/null || { echo "needs $tool" >&2; exit 2; }; done

call() { curl --silent --show-error --fail-with-body --max-time 10 "$@"; }

# Nobody's phone is to ring because of this.
call --head "$url/healthz" | grep --ignore-case --quiet '^x-mysms-simulated: true' ||
  { echo "$url does not simulate: sending nothing" >&2; exit 1; }

user=smoke-$(date +%s)-$$
token=$(call "$url/signup" --json "{\"username\":\"$user\",\"password\":\"password123\"}" | jq --raw-output .token)
auth="Authorization: Bearer $token"
call "$url/messages" --header "$auth" --json '{"recipient":"+14155550123","content":"Hello"}' | jq --exit-status .id >/dev/null

for _ in {1..60}; do
  status=$(call "$url/messages" --header "$auth" | jq --raw-output '.[0].status')
  if [[ $status == delivered ]]; then echo "delivered"; exit 0; fi
  sleep 1
done
echo "still $status after a minute" >&2
exit 1
