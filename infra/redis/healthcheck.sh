#!/usr/bin/env bash
# For the HEALTHCHECK of Redis, every five seconds: exits with 0 when the server answers. About once a minute it also
# tells the services how much room there is for the append-only file, since services cannot see that disk: a Redis whose
# disk is full ends itself, and then nothing can be read either.
set -u
readonly key=headrace:disk
# with less than this nothing is written, since the write itself could end the server
readonly least=$((16 * 1024 * 1024))

# the user `health` may do nothing but this
redis() { REDISCLI_AUTH=$(</run/secrets/redis_health_password) redis-cli --user health "$@" 2>&1; }

redis ping | grep -q PONG || exit 1
if (($(date +%s) / 5 % 12 == 0)) || [[ $(redis exists $key) == 0 ]]; then
  read -r total free < <(df --block-size=1 --output=size,avail /data | tail -n 1)
  ((free < least)) && { echo "only $free bytes of the disk are left" >&2; exit 0; }
  said=$(redis set $key "$free $total")
  [[ $said == OK ]] || echo "how much of the disk is free could not be told: $said" >&2
fi
exit 0
