# The private RabbitMQ. Sourced by services.sh.

TRIXIE=$CACHE/trixie

# Prints the version of the RabbitMQ that greets at host $1, port $2.
amqp_version() {
  # shellcheck disable=SC2016 # for the inner shell
  timeout 2 bash -c '
    exec 3<>"/dev/tcp/$0/$1" || exit
    printf "AMQP\0\0\11\1" >&3
    head -c 3 <&3 >/dev/null
    set -- $(head -c 4 <&3 | od -An -tu1)
    head -c $(($3 * 256 + $4)) <&3' "$1" "$2" 2>/dev/null |
    tr -c '[:print:]' '\n' |
    awk 'next_is && NF { print; next_is = 0; found = 1 } /^versionS$/ { next_is = 1 } END { exit !found }'
}

# Makes everything below mean the broker on port $1, which shares nothing with any other.
use_broker() {
  AMQP_PORT=$1 DIST_PORT=$(($1 + 1000)) EPMD_PORT=$(($1 + 2000)) INSTANCE=-$1
  STATE=$STATE/brokers/$1 AMQP_URL=
  mkdir -p "$STATE"
  LOG=$STATE/services.log
}

# Makes everything below mean a node of a cluster of three: number $1, on port $2, which finds the others
# through the port mapper at $3.
use_member() {
  use_broker "$2"
  NODE_NAME=rabbit-$1 EPMD_PORT=$3 CLUSTER='rabbit-1 rabbit-2 rabbit-3'
}

running_rabbitmq() { amqp_version 127.0.0.1 "$AMQP_PORT"; }
own_rabbitmq() { own_pid rabbitmq "$STATE/rabbitmq"; }

stop_rabbitmq() {
  end_own rabbitmq "$STATE/rabbitmq"
  rm -f "$STATE/rabbitmq.kind"
  # Another checkout's node may lean on our port mapper.
  if ! listening "$AMQP_PORT"; then end_own epmd "-port $EPMD_PORT"; fi
}

# Ends, halts or resumes the broker's process without a word to it; in Docker only Docker may.
signal_rabbitmq() {
  if [[ -e $STATE/rabbitmq.container ]]; then
    docker "$2" "$(cat "$STATE/rabbitmq.container")" >/dev/null
  else
    kill "-$1" "$(own_rabbitmq)"
  fi
}

kill_rabbitmq() { signal_rabbitmq KILL kill; }
freeze_rabbitmq() { signal_rabbitmq STOP pause; }
thaw_rabbitmq() { signal_rabbitmq CONT unpause; }

# Debian's command in PATH changes user and drops the environment; the real ones are beside the library.
rabbitmq_programs() {
  if [[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]]; then echo /usr/lib/rabbitmq/bin; return; fi
  local server
  server=$(command -v rabbitmq-server) && dirname "$server"
}

# The installation's path tells its version; asking rabbitmqctl would leave the system's port mapper running.
host_rabbitmq_suits() {
  local programs
  programs=$(rabbitmq_programs) || return 1
  [[ -z $RABBITMQ || $(realpath "$programs/rabbitmqctl") == *[-/]"$RABBITMQ".* ]]
}

# Debian's packages enable services of their own, which would start at the next boot.
install_rabbitmq() {
  local services=(rabbitmq-server)
  if ! has epmd; then services+=(epmd.socket epmd.service); fi
  apt_install rabbitmq-server && { ! has systemctl || as_root systemctl disable "${services[@]}" || true; }
}

# RabbitMQ 4 of Debian 13 with all it needs, in a tree of its own.
fetch_trixie() {
  local debs=$CACHE/trixie.debs tree=$TRIXIE.new deb
  { [[ -x /usr/sbin/debootstrap ]] || apt_install debootstrap; } &&
    as_root /usr/sbin/debootstrap --variant=minbase --download-only --include=rabbitmq-server trixie "$debs" &&
    rm -rf "$tree" && mkdir -p "$tree" || return
  for deb in "$debs"/var/cache/apt/archives/{base-files_*,*}.deb; do dpkg -x "$deb" "$tree" || return; done
  mkdir -p "$tree/dev" "$tree/proc" && echo '127.0.0.1 localhost' >"$tree/etc/hosts" &&
    mv "$tree" "$TRIXIE" && as_root rm -rf "$debs"
}

# Sets NODE to the words that run a RabbitMQ program of kind $1 (host or trixie) with the private node's
# settings, and PROGRAMS to the folder of those programs.
node_command() {
  local home=$STATE/rabbitmq as_root_inside=()
  if [[ $1 == trixie ]]; then home=$STATE/rabbitmq4; fi
  mkdir -p "$home" "$CACHE"
  # One cookie for all checkouts: whichever started the node, each may manage it.
  if [[ ! -s $CACHE/cookie ]]; then (umask 077 && od -An -N20 -tx1 /dev/urandom | tr -d ' \n' >"$CACHE/cookie"); fi
  install -m 400 "$CACHE/cookie" "$home/.erlang.cookie"
  NODE=(env -C "$home" HOME="$home" LANG=C.UTF-8 ERL_EPMD_PORT="$EPMD_PORT" ERL_EPMD_ADDRESS=127.0.0.1
    ERL_CRASH_DUMP="$home/erl_crash.dump" RABBITMQ_NODENAME="$NODE_NAME@localhost"
    RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$AMQP_PORT" RABBITMQ_DIST_PORT="$DIST_PORT"
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}${CLUSTER:+ $MEMBER_ARGS}"
    RABBITMQ_MNESIA_BASE="$home/mnesia" RABBITMQ_LOG_BASE="$home/log" RABBITMQ_PID_FILE="$STATE/rabbitmq.pid"
    RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins" RABBITMQ_CONF_ENV_FILE=/dev/null
    RABBITMQ_CONFIG_FILE="$home/rabbitmq" RABBITMQ_ADVANCED_CONFIG_FILE="$home/advanced")
  if [[ $1 != trixie ]]; then PROGRAMS=$(rabbitmq_programs) || die 'no RabbitMQ is installed'; return; fi
  if ((EUID != 0)); then as_root_inside=(--map-root-user); fi
  PROGRAMS=/usr/lib/rabbitmq/bin
  # In a mount namespace of its own, which ends with the process, .services has the same path inside the tree.
  # shellcheck disable=SC2016 # for the inner shell
  NODE+=(unshare --mount "${as_root_inside[@]}" sh -c '
    set -e
    root=$1 state=$2; shift 2
    mkdir -p "$root$state"
    for shared in /dev /proc "$state"; do mount --rbind "$shared" "$root$shared"; done
    exec /usr/sbin/chroot "$root" "$@"' sh "$TRIXIE" "$STATE")
}

# The others are noticed to be silent within ten seconds, and three nodes that have nothing to do leave the
# processors to the rest.
MEMBER_ARGS='-kernel net_ticktime 8 +S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none'

# Names the nodes of the cluster, of which those that are in a minority pause.
write_membership() {
  local name n=0
  {
    echo 'cluster_formation.peer_discovery_backend = classic_config'
    for name in $CLUSTER; do echo "cluster_formation.classic_config.nodes.$((n += 1)) = $name@localhost"; done
    echo 'cluster_partition_handling = pause_minority'
  } >"$1.conf"
}

launch_rabbitmq() {
  rm -f "$STATE/rabbitmq.pid"
  echo "$1" >"$STATE/rabbitmq.kind"
  node_command "$1"
  if [[ -n $CLUSTER ]]; then write_membership "$STATE/rabbitmq/rabbitmq"; fi
  # The Erlang runtime would leave a port mapper of its own running for ever.
  if ! listening "$EPMD_PORT"; then
    setsid "${NODE[@]}" epmd -port "$EPMD_PORT" -address 127.0.0.1 </dev/null &
    echo $! >"$STATE/epmd.pid"
  fi
  setsid "${NODE[@]}" "$PROGRAMS/rabbitmq-server" </dev/null >>"$STATE/rabbitmq.log" 2>&1 &
  await $! running_rabbitmq || { tail -n 12 "$STATE/rabbitmq.log"; return 1; }
}

# Starts a node of a cluster, with the programs of this machine. Nodes that were ended together wait for
# each other, so none of them keeps the lock.
start_member() {
  local pid
  if running_rabbitmq >/dev/null; then return; fi
  if pid=$(own_rabbitmq); then await "$pid" running_rabbitmq; return; fi
  if ! host_rabbitmq_suits; then take_lock; with_progress 'Installing RabbitMQ' install_rabbitmq; exec 9>&-; fi
  with_progress "Starting $NODE_NAME" launch_rabbitmq host
}

# Chooses where RabbitMQ comes from, and starts it.
provide_rabbitmq() {
  if host_rabbitmq_suits; then
    with_progress 'Starting RabbitMQ' launch_rabbitmq host
  elif docker_works; then
    with_progress 'Starting RabbitMQ in Docker' start_container rabbitmq beam.smp running_rabbitmq \
      --hostname mysms --publish "127.0.0.1:$AMQP_PORT:5672" "rabbitmq:${RABBITMQ:-4}"
  elif [[ $RABBITMQ == 4 ]]; then
    if [[ ! -d $TRIXIE ]]; then with_progress 'Fetching RabbitMQ 4' fetch_trixie; fi
    with_progress 'Starting RabbitMQ 4' launch_rabbitmq trixie
  else
    with_progress 'Installing RabbitMQ' install_rabbitmq
    host_rabbitmq_suits || die "the system's RabbitMQ is not version $RABBITMQ"
    with_progress 'Starting RabbitMQ' launch_rabbitmq host
  fi
}

# Runs rabbitmqctl where the node is: the one we started, or another checkout's, known by its version.
manage_rabbitmq() {
  local kind=host
  if [[ -e $STATE/rabbitmq.container ]]; then exec docker exec "$(cat "$STATE/rabbitmq.container")" rabbitmqctl "$@"; fi
  if own_rabbitmq >/dev/null; then
    kind=$(cat "$STATE/rabbitmq.kind")
  elif [[ -d $TRIXIE && $(running_rabbitmq) == 4.* ]]; then
    kind=trixie
  fi
  # Without it rabbitmqctl would start a port mapper that nobody ends.
  listening "$EPMD_PORT" || die 'the private RabbitMQ does not run'
  node_command "$kind"
  exec "${NODE[@]}" "$PROGRAMS/rabbitmqctl" "$@"
}

start_rabbitmq() {
  local version pid
  if [[ -n ${AMQP_URL:-} ]]; then use_named AMQP_URL "$AMQP_URL" 5672; return; fi
  if ! version=$(running_rabbitmq) && pid=$(own_rabbitmq) && revive "$pid" running_rabbitmq; then
    version=$(running_rabbitmq)
  fi
  if [[ -n $version && $version == "${RABBITMQ:-$version}"* ]]; then say "RabbitMQ $version already runs"; return; fi
  if [[ -n $version ]]; then stop_rabbitmq; fi
  if listening "$AMQP_PORT"; then
    die "port $AMQP_PORT is taken by ${version:+RabbitMQ }${version:-something} that this checkout did not start"
  fi
  # A node that was killed, not stopped, comes back as it was.
  if [[ -z $RABBITMQ && $(cat "$STATE/rabbitmq.kind" 2>/dev/null) == trixie ]]; then RABBITMQ=4; fi
  provide_rabbitmq
}
