#!/usr/bin/env bash
# Private MongoDB (127.0.0.1:27117) and RabbitMQ (127.0.0.1:5673) for the tests.
# Takes what it finds first: servers named by MONGO_URI / AMQP_URL; servers that already
# listen there; programs on PATH; a Docker engine; packages of Debian and PyPI.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: scripts/services.sh COMMAND
  start             bring both servers up; quick when they already run
  stop              end what this checkout started
  status            what answers and who started it; fails unless both answer
  env               lines that name the servers, for eval
  rabbitmqctl ...   RabbitMQ's management command, against the private node
  mongod            where a mongod is, for tests that start a server of their own
  faketime          where the library is with which tests set the clock of a process
  broker PORT COMMAND
                    a RabbitMQ of its own for a test that harms it, on PORT, PORT+1000 and PORT+2000:
                    start, stop, kill, freeze, thaw or rabbitmqctl ...
  member N PORT EPMD COMMAND
                    the same for node N of a RabbitMQ cluster of three, on PORT and PORT+1000; EPMD is the
                    port of a port mapper, which the caller runs
RABBITMQ=3 or RABBITMQ=4 makes start bring up that major version of RabbitMQ.
The servers' pids are in .services/mongo.pid and .services/rabbitmq.pid.
USAGE
}

CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
STATE=$CHECKOUT/.services
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/mysms-services
LOG=$STATE/services.log
MONGO_PORT=27117
AMQP_PORT=5673
DIST_PORT=25673
EPMD_PORT=4373
NODE_NAME=mysms
CLUSTER=
INSTANCE=
PRIVATE_MONGO=mongodb://127.0.0.1:$MONGO_PORT
PRIVATE_AMQP=amqp://guest:guest@127.0.0.1:$AMQP_PORT/%2f
RABBITMQ=${RABBITMQ:-}

# shellcheck source-path=SCRIPTDIR
source "$CHECKOUT/scripts/services/common.sh"
source "$CHECKOUT/scripts/services/mongo.sh"
source "$CHECKOUT/scripts/services/rabbitmq.sh"

# What `env` printed comes back as a variable, but it still names our own servers.
if [[ ${MONGO_URI:-} == "$PRIVATE_MONGO" ]]; then MONGO_URI=; fi
if [[ ${AMQP_URL:-} == "$PRIVATE_AMQP" ]]; then AMQP_URL=; fi

# Checks that the server named by URL $2 answers. One that wants TLS or SRV is taken at its word.
use_named() {
  local name=$1 url=$2 port=$3 rest=${2#*://}
  case $url in *+srv://* | amqps://* | *tls=true* | *ssl=true*) say "using $name"; return ;; esac
  rest=${rest%%[/?]*}
  rest=${rest##*@}
  rest=${rest%%,*}
  local host=${rest%:*}
  if [[ $rest == *:* ]]; then port=${rest##*:}; fi
  case $url in
    mongodb://*) mongo_ask "$host" "$port" hello >/dev/null ;;
    amqp://*) amqp_version "$host" "$port" >/dev/null ;;
    *) false ;;
  esac || die "no such server answers at $host:$port, which $name names"
  say "using $name, $host:$port"
}

start() {
  local tool
  for tool in flock setsid timeout; do has "$tool" || die "needs $tool (of util-linux or coreutils)"; done
  take_lock
  start_mongo
  start_rabbitmq
}

stop() {
  take_lock
  stop_mongo
  stop_rabbitmq
  local broker
  for broker in "$STATE"/brokers/*/; do
    if [[ -d $broker ]]; then (broker "$(basename "$broker")" stop); fi
  done
}

broker() {
  if [[ ! ${1:-} =~ ^[0-9]+$ ]]; then usage >&2; exit 2; fi
  use_broker "$1"
  case ${2:-} in
    start) take_lock; start_rabbitmq ;;
    *) handle_broker "${@:2}" ;;
  esac
}

member() {
  if [[ ! "$*" =~ ^[1-3]\ [0-9]+\ [0-9]+\  ]]; then usage >&2; exit 2; fi
  use_member "$1" "$2" "$3"
  case $4 in
    start) start_member ;;
    *) handle_broker "${@:4}" ;;
  esac
}

handle_broker() {
  case ${1:-} in
    stop) stop_rabbitmq; rm -rf "$STATE" ;;
    kill | freeze | thaw) "$1_rabbitmq" ;;
    rabbitmqctl) manage_rabbitmq "${@:2}" ;;
    *) usage >&2; exit 2 ;;
  esac
}

# One start or stop at a time on this machine, as all checkouts share the ports.
take_lock() {
  mkdir -p "$STATE" "$CACHE"
  exec 9>"$CACHE/lock"
  if flock --nonblock 9; then return; fi
  say 'waiting for another start or stop to end'
  flock 9
}

# Prints what answers as server $1: its version $2 and our pid $3, either of which may be empty.
describe() {
  if [[ -z $2 ]]; then echo "$1 does not answer${3:+, though its process $3 is there}"; return 1; fi
  echo "$1 $2 answers, ${3:+started here, pid }${3:-not started by this checkout}"
}

status() {
  local both=0
  describe MongoDB "$(running_mongo)" "$(own_mongo)" || both=1
  describe RabbitMQ "$(running_rabbitmq)" "$(own_rabbitmq)" || both=1
  return $both
}

case ${1:-} in
  start | stop | status) "$1" ;;
  env) printf 'export MONGO_URI=%q AMQP_URL=%q\n' "${MONGO_URI:-$PRIVATE_MONGO}" "${AMQP_URL:-$PRIVATE_AMQP}" ;;
  mongod) take_lock; find_mongod ;;
  faketime) take_lock; find_faketime ;;
  rabbitmqctl) manage_rabbitmq "${@:2}" ;;
  broker | member) "$1" "${@:2}" ;;
  -h | --help | help) usage ;;
  *) usage >&2; exit 2 ;;
esac
