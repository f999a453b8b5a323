#!/usr/bin/env bash
# For the HEALTHCHECK of Redis, every five seconds: exits with 0 when the server answers. About once a minute it also
# tells the services how much room there is for the append-only file, since nobody else can see that disk: a Redis whose
# disk is full stops, and nothing can be read either.
#
# The user `health` has no password, and may do nothing but this.
redis() { redis-cli --user health --pass - --no-auth-warning "$@"; }

redis ping | grep -q PONG || exit 1
if (($(date +%s) / 5 % 12 == 0)) || [[ -z $(redis exists headrace:disk | grep 1) ]]; then
  read -r total free < <(df --block-size=1 --output=size,avail "${DATA_DIR:-/data}" | tail -n 1)
  redis set headrace:disk "$free $total" ex 300 | grep -q OK || echo "the free space could not be told: is the user health as in infra/secrets/development/redis_users.acl?" >&2
fi
exit 0
