# Progress, processes and packages: what both servers need. Sourced by services.sh.

say() { printf '%s\n' "$*" >&2; }
die() { say "services: $*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
as_root() { if ((EUID == 0)); then "$@"; else sudo "$@"; fi; }

# Runs a command with its output in the log; shows a dot every two seconds and, if it fails, the log's end.
# The command runs without `set -e`, so the functions given to it chain their steps with &&.
with_progress() {
  local label=$1 began=$SECONDS status=0
  shift
  printf '%s ' "$label" >&2
  # The sleep holds none of our outputs, or whoever reads them through a pipe would wait for it.
  (while sleep 2 >/dev/null 2>&1 9>&-; do printf . >&2; done) 9>&- &
  TICKER=$!
  "$@" >>"$LOG" 2>&1 9>&- || status=$?
  stop_ticker
  if ((status == 0)); then say " $((SECONDS - began)) s"; return; fi
  say ' failed'
  tail -n 15 "$LOG" >&2
  die "the whole log is $LOG"
}

stop_ticker() {
  if [[ -z ${TICKER:-} ]]; then return; fi
  kill "$TICKER" 2>/dev/null || true
  wait "$TICKER" 2>/dev/null || true
  TICKER=
}

# Whether anything takes connections at port $1 of this machine.
listening() { timeout 1 bash -c ": <>/dev/tcp/127.0.0.1/$1" 2>/dev/null; }

allow_services() {
  if [[ -z ${POLICY_IS_OURS:-} ]]; then return; fi
  as_root rm -f "$POLICY"
  POLICY_IS_OURS=
}

trap 'stop_ticker; allow_services' EXIT
trap 'exit 130' INT TERM

# Prints the pid in .services/$1.pid while it is a process whose command line has $2, or a container's.
own_pid() {
  local pid
  pid=$(cat "$STATE/$1.pid" 2>/dev/null) || return 1
  if [[ ! -e $STATE/$1.container ]]; then
    [[ $(ps -ww -o args= -p "$pid" 2>/dev/null) == *"$2"* ]] || return 1
  fi
  echo "$pid"
}

# Ends what .services/$1.pid names, if it is still ours as own_pid tells by $2.
end_own() {
  local pid
  if [[ -e $STATE/$1.container ]]; then
    with_progress "Stopping $1 in Docker" docker rm --force --volumes "$(cat "$STATE/$1.container")"
  elif pid=$(own_pid "$1" "$2"); then
    with_progress "Stopping $1" end_process "$pid"
  fi
  rm -f "$STATE/$1.pid" "$STATE/$1.container"
}

# Whether process $1 runs; one that only waits for its parent to take note of its end does not.
alive() { [[ $(ps -o stat= -p "$1") == [!Z]* ]]; }

end_process() {
  local deadline=$((SECONDS + 30))
  kill "$1" 2>/dev/null || return 0
  kill -CONT "$1" 2>/dev/null || true
  while alive "$1"; do
    if ((SECONDS >= deadline)); then kill -KILL "$1" 2>/dev/null || true; fi
    sleep 0.1
  done
}

# Waits until command $2... succeeds, for as long as process $1 lives and 90 seconds at most.
await() {
  local pid=$1 deadline=$((SECONDS + 90))
  shift
  until "$@" >/dev/null; do
    if ! alive "$pid" || ((SECONDS >= deadline)); then echo "it did not come up"; return 1; fi
    sleep 0.1
  done
}

# A server of ours that is alive but silent was stopped or hangs: wake it, or end it.
revive() {
  local pid=$1 deadline=$((SECONDS + 5))
  kill -CONT "$pid" 2>/dev/null || true
  until "$2" >/dev/null; do
    if ((SECONDS >= deadline)); then end_process "$pid"; return 1; fi
    sleep 0.1
  done
}

docker_works() { has docker && timeout 10 docker info >/dev/null 2>&1; }

# Starts container mysms-$1 afresh, made from the arguments after its process $2 and probe $3 if need be.
start_container() {
  local server=$1 process=$2 probe=$3 name=mysms-$1$INSTANCE
  shift 3
  { docker restart "$name" 2>/dev/null || docker run --detach --name "$name" "$@"; } && await $$ "$probe" &&
    echo "$name" >"$STATE/$server.container" &&
    docker top "$name" -eo pid,comm | awk -v process="$process" '$2 == process { print $1 }' >"$STATE/$server.pid"
}

# Prints where libfaketime is; installs it if need be.
find_faketime() {
  local library
  for library in /usr/lib/*/faketime/libfaketime.so.1; do
    if [[ -e $library ]]; then echo "$library"; return; fi
  done
  apt_install libfaketime >>"$LOG" 2>&1 || die "cannot install libfaketime: see $LOG"
  ls /usr/lib/*/faketime/libfaketime.so.1
}

POLICY=/usr/sbin/policy-rc.d

# Installs Debian packages without letting them start the services they bring.
apt_install() {
  local status=0
  if [[ $(uname -sm) != 'Linux x86_64' ]] || ! has apt-get; then
    echo "found no server, no Docker engine and no apt-get on x86-64: install $*, or set MONGO_URI and AMQP_URL"
    return 1
  fi
  if [[ ! -e $POLICY ]]; then
    POLICY_IS_OURS=1
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" && as_root chmod +x "$POLICY"
  fi
  as_root apt-get update || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    install -y --no-install-recommends "$@" || status=$?
  allow_services
  return $status
}
