#!/usr/bin/env bash
# Puts a backup in the place of whatever the system has now: infra/restore.sh /var/backups/headrace/2026-11-21
#
# Ends with the system running. Settings as for `docker compose`, from the shell or COMPOSE_ENV_FILES. If it fails,
# remove the cause and run it again: the system stays stopped, so that it does not go on with half of the data.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:?say from where: infra/restore.sh /var/backups/headrace/2026-11-21}
[[ -n ${COMPOSE_ENV_FILES:-} ]] || export COMPOSE_FILE=${COMPOSE_FILE:-$here/compose.yaml}
for file in postgres.dump redis.tar; do
  [[ -s $dir/$file ]] || { echo "$dir/$file is missing or empty: nothing was changed" >&2; exit 1; }
done

docker compose stop
# The log that is there goes when the other one is unpacked. Nothing else may stay in /data: the image hands the files
# to the user of Redis at its start, and leaves that be if it finds a file that it does not know.
docker compose run --rm --no-deps -T --entrypoint sh redis -ec '
  rm -rf /data/restored
  mkdir /data/restored
  tar -C /data/restored -x
  rm -rf /data/appendonlydir
  mv /data/restored/appendonlydir /data/
  rmdir /data/restored' <"$dir/redis.tar"
docker compose up --detach --wait postgres
# the whole database anew: tables that were made after the backup go too
docker compose exec -T postgres pg_restore --username postgres --dbname postgres --clean --if-exists --create \
  --exit-on-error <"$dir/postgres.dump"
# The database is a little older than the log: invoices of the moments between may get other numbers than they had, which
# billing does not take upon itself.
docker compose exec -T postgres psql --username postgres --dbname headrace --quiet --set ON_ERROR_STOP=1 <<'SQL'
do $$ begin
  if to_regclass('billing.consumer_requests') is not null then
    insert into billing.consumer_requests (group_name, partition, kind, how, reason, actor)
    select group_name, partition, 'resync', 'accept', 'restored from a backup', 'infra/restore.sh'
    from billing.consumer_checkpoints on conflict do nothing;
  end if;
end $$;
SQL
docker compose up --detach --wait
