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

docker compose exec -T postgres pg_dump --username postgres --format custom headrace >"$part/postgres.dump"

# The append-only file may be copied while it grows, but not while a rewrite puts other files in the place of those that
# the manifest names: then it is copied again. Rewriting is not switched off, which a killed backup would leave so.
# tar ends with 1 when a file grew: as much as was there when it began is a whole log, but for a torn end, which start.sh
# cuts, and the rest came later.
copy_log='
  named() { cat /data/appendonlydir/*.manifest; }
  before=$(named) || exit 1
  tar --warning=no-file-changed -C /data -c appendonlydir; code=$?
  [ "$before" = "$(named)" ] || exit 3
  [ $code -le 1 ]'
for attempt in {1..10}; do
  code=0
  docker compose exec -T redis sh -c "$copy_log" >"$part/redis.tar" || code=$?
  [[ $code -eq 3 ]] || break
  echo "Redis has rewritten its append-only file meanwhile; copying it again (attempt $attempt of 10) …" >&2
done
[[ $code -eq 0 ]] || { echo 'The log could not be copied.' >&2; exit 1; }

mv "$part" "$dir"
echo "Backup written to $dir:" >&2
ls -l "$dir" >&2
