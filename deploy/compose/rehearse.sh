#!/usr/bin/env bash
# Cuts the first start of MongoDB and RabbitMQ off at several moments, and sees that the next one makes up for
# it. For a checkout whose images are built and which has no data: it removes all volumes, and asks for a word.
#   REHEARSE=and-lose-all-data deploy/compose/rehearse.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
if [[ -z ${CI:-} && ${REHEARSE:-} != and-lose-all-data ]]; then
  echo 'this removes all data of the installation: REHEARSE=and-lose-all-data if you mean it' >&2
  exit 2
fi

running() { [[ -n $(docker compose ps --quiet --status running "$1" 2>/dev/null) ]]; }

for seconds in 0.2 0.7 1.5 2.5 4; do
  docker compose down --volumes
  docker compose up --detach &
  for server in mongo rabbitmq; do
    for _ in {1..300}; do if running "$server"; then break; fi; sleep 0.1; done
  done
  sleep "$seconds"
  docker compose kill mongo rabbitmq
  wait $! || echo "cut off after $seconds s"
  docker compose up --detach --wait --wait-timeout 300
  deploy/smoke.sh "http://127.0.0.1:${PORT:-3000}"
done
docker compose down --volumes
