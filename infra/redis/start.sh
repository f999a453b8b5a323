#!/usr/bin/env bash
# Starts a Redis or Valkey server whose append-only file may end in the middle of a write, because the one before was
# killed.
#
#   start.sh redis-server <settings …>     DATA_DIR: where appendonlydir is (default /data)
#
# Left to itself, Redis cuts such a file behind the last whole command, which can be inside a transaction (7.0 to 8.0).
# The next transaction is then read as its continuation: with the restart after that, events come back that were never
# acknowledged, beside those that have taken their place. redis-check-aof cuts in front of the transaction. It would
# also cut a file that is damaged in the middle; that is left for a person to decide.
set -u

server=$1; shift
check_aof=${server%server}check-aof
last=$(find "${DATA_DIR:-/data}/appendonlydir" -name '*.incr.aof' -size +0 2>/dev/null | sort -V | tail -n 1)

is_whole() { "$check_aof" "$last" >/dev/null 2>&1; }

# Redis tells a file that ends too early from a damaged one: it reads the file, and does not start.
ends_too_early() {
  local said pid
  said=$(mktemp)
  "$server" "$@" --port 0 --unixsocket "$said.socket" --daemonize no --logfile '' --aof-load-truncated no >"$said" 2>&1 &
  pid=$!
  until grep -qE 'Unexpected end of file|Bad file format|Ready to accept connections' "$said" || ! kill -0 "$pid" 2>/dev/null; do
    sleep 0.1
  done
  kill "$pid" 2>/dev/null
  wait "$pid"
  grep -q 'Unexpected end of file' "$said"
}

if [ -n "$last" ] && ! is_whole && ends_too_early "$@"; then
  echo "The append-only file ends in the middle of a write; what was never acknowledged is cut off:"
  echo y | "$check_aof" --fix "$last"
fi

# the image's own entry point, where there is one, sees to users and the owner of files
if command -v docker-entrypoint.sh >/dev/null; then exec docker-entrypoint.sh "$server" "$@" --aof-load-truncated no; fi
exec "$server" "$@" --aof-load-truncated no
