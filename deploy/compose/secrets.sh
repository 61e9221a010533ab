#!/bin/sh
# The secrets of an installation with docker compose. Every file is written once and then kept; each
# volume holds what one kind of service may read.
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

put() {
  case $1 in *[!a-z0-9-]* | '') echo 'a name has small letters, digits and dashes' >&2; exit 2 ;; esac
  write "$mysms" "$dir/mysms/$1"
  echo "kept $1" >&2
}

make() {
  random | keep "$mongo" "$dir/mongo/root-password"
  random | keep "$mysms" "$dir/mysms/jwt-secret-key"
  password=$(random)
  database_user "$password" | keep "$mongo" "$dir/mongo/user.js"
  password=$(random)
  broker_configuration "$password" | keep "$rabbitmq" "$dir/rabbitmq/mysms.conf"

  # What was kept counts, not what was just made.
  password=$(sed -n 's/^  pwd: "\(.*\)",$/\1/p' "$dir/mongo/user.js")
  printf 'mongodb://mysms:%s@mongo:27017/mysms' "$password" | keep "$mysms" "$dir/mysms/mongo-uri"
  password=$(sed -n 's/^default_pass = //p' "$dir/rabbitmq/mysms.conf")
  printf 'amqp://mysms:%s@rabbitmq:5672/%%2f' "$password" | keep "$mysms" "$dir/mysms/amqp-url"
}

# Run by MongoDB's image on an empty data directory, for a user without rights outside one database.
database_user() {
  cat <<JS
db.getSiblingDB("mysms").createUser({
  user: "mysms",
  pwd: "$1",
  roles: ["readWrite", "dbAdmin"],
});
JS
}

# All of RabbitMQ's configuration, as this volume takes the place of the image's.
broker_configuration() {
  cat <<CONF
default_user = mysms
default_pass = $1
default_user_tags.administrator = false
log.console = true
log.file = false
vm_memory_high_watermark.absolute = 512MiB
disk_free_limit.absolute = 1GB
CONF
}

case ${1:-make} in
  make) make ;;
  put) put "${2:-}" ;;
  *) echo 'usage: secrets.sh [put NAME]' >&2; exit 2 ;;
esac
sync
