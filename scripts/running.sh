# Sourced: starts the `mysms` whose path is in MYSMS, with its simulator and data of its own, and ends it
# with the shell. Exports MYSMS_URL, and sets SCRATCH, a folder for the shell, and LOG.

SCRATCH=$(mktemp -d)
LOG=$SCRATCH/log
MYSMS_PID=
finish() {
  if [[ -n $MYSMS_PID ]]; then kill "$MYSMS_PID" 2>/dev/null || true; wait "$MYSMS_PID" || true; fi
  rm -rf "$SCRATCH"
}
trap finish EXIT

PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export MYSMS_URL=http://127.0.0.1:$PORT
# Whatever this shell's environment says, no text made up here may go out.
env -i SMS_PROVIDER=simulator DATA_DIR="$SCRATCH/data" BIND_ADDRESS=127.0.0.1 PORT="$PORT" \
  AUTH_ATTEMPTS_PER_MINUTE=1000000 ACCOUNT_ATTEMPTS_PER_MINUTE=1000000 RUST_LOG=error,rustls_platform_verifier=off LOG_FORMAT=json "$MYSMS" >"$LOG" 2>&1 &
MYSMS_PID=$!
for _ in $(seq 150); do
  curl --silent --fail --output /dev/null "$MYSMS_URL/readyz" && break
  kill -0 "$MYSMS_PID" || { cat "$LOG"; exit 1; }
  sleep 0.2
done
