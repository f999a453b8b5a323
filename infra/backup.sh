#!/usr/bin/env bash
# Writes a backup of the running system into a new folder: infra/backup.sh /var/backups/headrace/2026-11-21
#
# PostgreSQL first, then the log, so that the log is never behind what was made of it: consumers then go on from where
# the tables are. Nothing has to be stopped. COMPOSE_FILE and SECRETS_DIR as for `docker compose`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:?say where: infra/backup.sh /var/backups/headrace/2026-11-21}
export COMPOSE_FILE=${COMPOSE_FILE:-$here/compose.yaml}
[[ ! -e $dir ]] || { echo "$dir is there already: nothing was changed" >&2; exit 1; }
mkdir -p "$dir"
chmod 700 "$dir"

docker compose exec -T postgres pg_dump --username postgres --format custom headrace >"$dir/postgres.dump"

# The append-only file may be copied while it grows, but not while it is rewritten.
admin=$(<"${SECRETS_DIR:-$here/secrets/development}/redis_admin_password")
redis() { REDISCLI_AUTH=$admin docker compose exec -T -e REDISCLI_AUTH redis redis-cli "$@"; }
trap 'redis config set auto-aof-rewrite-percentage 100 >/dev/null' EXIT
redis config set auto-aof-rewrite-percentage 0 >/dev/null
until redis info persistence | grep -q '^aof_rewrite_in_progress:0'; do sleep 1; done
docker compose exec -T redis tar -C /data -c appendonlydir >"$dir/redis.tar"

echo "Backup written to $dir:" >&2
ls -l "$dir" >&2
