#!/bin/sh
# The secrets of an installation with docker compose, and what is made of them. A secret is written once
# and then kept; each volume holds what one kind of service may read.
#
#   secrets.sh              writes what is missing
#   secrets.sh put NAME     makes standard input /run/secrets/NAME of the API and the worker
set -eu
umask 077
dir=${SECRETS_DIR:-/secrets}

# The groups that the containers run as: the images of MongoDB and RabbitMQ say 999, ours 65532.
mongo=999 rabbitmq=999 mysms=65532

random() {
  digits=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')
  [ "${#digits}" -eq 64 ] || { echo 'no random numbers' >&2; exit 1; }
  printf %s "$digits"
}

# Makes standard input the file $2, which only root and group $1 can read: whole, or not at all.
write() {
  cat >"$2.new"
  [ -s "$2.new" ] || { echo "$2 would be empty" >&2; exit 1; }
  chown "0:$1" "$2.new"
  chmod 440 "$2.new"
  mv -f "$2.new" "$2"
}

# The same, unless the file is there.
keep() { if [ -s "$2" ]; then cat >/dev/null; else write "$1" "$2"; fi; }

# What the worker may not see is what signs the login tokens.
workers_too() { case $1 in jwt-*) return 1 ;; esac; }

put() {
  case $1 in *[!a-z0-9-]* | '') echo 'a name has small letters, digits and dashes' >&2; exit 2 ;; esac
  write "$mysms" "$dir/api/$1"
  if workers_too "$1"; then write "$mysms" "$dir/worker/$1" <"$dir/api/$1"; fi
  echo "kept $1" >&2
}

make() {
  # Volumes that Docker makes are open to all.
  own "$mongo" "$dir/mongo"
  own "$rabbitmq" "$dir/rabbitmq"
  own "$mysms" "$dir/api"
  own "$mysms" "$dir/worker"
  own "$mysms" "$dir/migrate"
  take_over

  random | keep "$mysms" "$dir/api/jwt-secret-key"
  for user in root mysms migrate; do random | keep "$mongo" "$dir/mongo/$user-password"; done
  random | keep "$rabbitmq" "$dir/rabbitmq/password"

  # What was kept counts, not what was just made.
  database mysms mysms | keep "$mysms" "$dir/api/mongo-uri"
  database mysms-migrate migrate | keep "$mysms" "$dir/migrate/mongo-uri"
  password=$(cat "$dir/rabbitmq/password")
  printf 'amqp://mysms:%s@rabbitmq:5672/%%2f' "$password" | keep "$mysms" "$dir/api/amqp-url"
  for file in "$dir"/api/*; do
    name=${file##*/}
    case $name in *.new) continue ;; esac
    if workers_too "$name"; then keep "$mysms" "$dir/worker/$name" <"$file"; fi
  done

  # No secrets of their own, and another version may want them otherwise.
  broker_configuration | write "$rabbitmq" "$dir/rabbitmq/mysms.conf"
  broker_definitions "$password" | write "$rabbitmq" "$dir/rabbitmq/definitions.json"
}

own() { chown "0:$1" "$2"; chmod 750 "$2"; }

# Earlier versions kept two passwords in what they configured the servers with. Whatever is cut off here
# is done the next time.
take_over() {
  old=$dir/mongo/user.js
  if [ -s "$old" ]; then
    sed -n 's/^  pwd: "\(.*\)",$/\1/p' "$old" | tr -d '\n' | keep "$mongo" "$dir/mongo/mysms-password"
  fi
  old=$dir/rabbitmq/mysms.conf
  if [ -s "$old" ] && grep -q '^default_pass = ' "$old"; then
    sed -n 's/^default_pass = //p' "$old" | tr -d '\n' | keep "$rabbitmq" "$dir/rabbitmq/password"
  fi
  # And the image's own configuration got among ours.
  rm -f "$dir/mongo/user.js" "$dir"/rabbitmq/[0-9]*.conf
}

database() { printf 'mongodb://%s:%s@mongo:27017/mysms' "$1" "$(cat "$dir/mongo/$2-password")"; }

# All of RabbitMQ's configuration, as this volume takes the place of the image's.
broker_configuration() {
  cat <<CONF
load_definitions = /etc/rabbitmq/conf.d/definitions.json
log.console = true
log.file = false
vm_memory_high_watermark.absolute = 512MiB
disk_free_limit.absolute = 1GB
CONF
}

# RabbitMQ reads this at each start, so a first start that was cut off is made up for by the next. The
# user may do what the messenger does with its queues and its exchange, and publish to the default one.
broker_definitions() {
  queue=${AMQP_QUEUE:-mysms.send}
  prefix=${queue%.*}
  # Any character stands for those that mean something in a pattern or in JSON.
  names=$(printf '(%s[.]v[0-9]+|%s[.](dead|events|events[.][0-9a-f]+))' \
    "$(printf %s "$queue" | sed 's/[^A-Za-z0-9_-]/./g')" "$(printf %s "$prefix" | sed 's/[^A-Za-z0-9_-]/./g')")
  cat <<JSON
{
  "vhosts": [{ "name": "/" }],
  "users": [{ "name": "mysms", "password": "$1", "tags": [] }],
  "permissions": [{
    "user": "mysms",
    "vhost": "/",
    "configure": "^$names\$",
    "write": "^($names|amq[.]default)\$",
    "read": "^$names\$"
  }]
}
JSON
}

case ${1:-make} in
  make) make ;;
  put) put "${2:-}" ;;
  *) echo 'usage: secrets.sh [put NAME]' >&2; exit 2 ;;
esac
sync
