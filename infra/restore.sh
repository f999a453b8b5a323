#!/usr/bin/env bash
# Puts a backup in the place of whatever the system has now: infra/restore.sh /var/backups/headrace/2026-11-21
#
# Ends with the system running. COMPOSE_FILE and SECRETS_DIR as for `docker compose`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:?say from where: infra/restore.sh /var/backups/headrace/2026-11-21}
export COMPOSE_FILE=${COMPOSE_FILE:-$here/compose.yaml}
for file in postgres.dump redis.tar; do
  [[ -s $dir/$file ]] || { echo "$dir/$file is missing or empty: nothing was changed" >&2; exit 1; }
done

docker compose stop
docker compose run --rm --no-deps -T --entrypoint sh redis \
  -c 'rm -rf /data/appendonlydir && tar -C /data -x' <"$dir/redis.tar"
docker compose up --detach --wait postgres
docker compose exec -T postgres pg_restore --username postgres --dbname headrace --clean --if-exists \
  --single-transaction --exit-on-error <"$dir/postgres.dump"
docker compose up --detach --wait
