#!/usr/bin/env bash
# Writes a backup of the running system into a new folder: infra/backup.sh /var/backups/headrace/2026-11-21
#
# PostgreSQL first, then the log, so that the log is never behind what was made of it: consumers then go on from where
# the tables are. Nothing has to be stopped. Settings as for `docker compose`, from the shell or COMPOSE_ENV_FILES.
# The folder is there when the backup is whole; until then it is called <folder>.part.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:?say where: infra/backup.sh /var/backups/headrace/2026-11-21}
[[ -n ${COMPOSE_ENV_FILES:-} ]] || export COMPOSE_FILE=${COMPOSE_FILE:-$here/compose.yaml}
part=${dir%/}.part
for path in "$dir" "$part"; do
  [[ ! -e $path ]] || { echo "$path is there already: nothing was changed" >&2; exit 1; }
done
mkdir -p "$(dirname "$dir")"
mkdir -m 700 "$part"
trap 'rm -rf "$part"' EXIT

# where compose has the secrets, whoever told it
secrets=$(docker compose config | sed -n 's|^ *file: "\{0,1\}\(/.*\)/redis_users\.acl"\{0,1\}$|\1|p')
admin=$(<"$secrets/redis_admin_password")
# -e: else an error, such as a wrong password, would end with 0
redis() { REDISCLI_AUTH=$admin docker compose exec -T -e REDISCLI_AUTH redis redis-cli -e "$@"; }

docker compose exec -T postgres pg_dump --username postgres --format custom headrace >"$part/postgres.dump"

# The append-only file may be copied while it grows, but not while it is rewritten.
percentage=$(redis config get auto-aof-rewrite-percentage | tail -n 1)
trap 'rm -rf "$part"; redis config set auto-aof-rewrite-percentage "$percentage" >/dev/null' EXIT
redis config set auto-aof-rewrite-percentage 0 >/dev/null
while info=$(redis info persistence) || exit 1
  [[ $info != *aof_rewrite_in_progress:0* || $info != *aof_rewrite_scheduled:0* ]]; do sleep 1; done
# tar ends with 1 when a file grew; as much as was there when it began is a whole log, and the rest came later
docker compose exec -T redis sh -c 'tar --warning=no-file-changed -C /data -c appendonlydir || [ $? -eq 1 ]' \
  >"$part/redis.tar"

mv "$part" "$dir"
echo "Backup written to $dir:" >&2
ls -l "$dir" >&2
