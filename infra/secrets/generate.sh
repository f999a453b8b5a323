#!/usr/bin/env bash
# Writes random passwords for compose.production.yaml into a new folder: infra/secrets/generate.sh /etc/headrace/secrets
# Only its owner may look into the folder. The files themselves are readable, because the users inside the containers,
# to whom they are handed one by one, are others than the owner.
set -euo pipefail
dir=${1:?say where: infra/secrets/generate.sh /etc/headrace/secrets}
[[ ! -e $dir ]] || { echo "$dir is there already: nothing was changed" >&2; exit 1; }

umask 022
mkdir -p "$(dirname "$dir")"
mkdir -m 700 "$dir"
for name in redis_admin_password redis_password redis_health_password postgres_password postgres_projections postgres_email postgres_analytics postgres_billing \
  grafana_password; do
  head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"$dir/$name"
done
# yours to fill; it is there so that it can be read by others, like the rest
: >"$dir/smtp_password"
# Redis knows only the hashes of them
hash() { tr -d '\n' <"$dir/$1" | sha256sum | cut -d' ' -f1; }
sed -e "/^user default /s/#[0-9a-f]*/#$(hash redis_admin_password)/" \
  -e "/^user headrace /s/#[0-9a-f]*/#$(hash redis_password)/" \
  -e "/^user health /s/#[0-9a-f]*/#$(hash redis_health_password)/" \
  "$(dirname "$0")/development/redis_users.acl" >"$dir/redis_users.acl"
cat >&2 <<END
Written to $dir. Write the password of your mail server into $dir/smtp_password.
END
