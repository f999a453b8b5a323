#!/usr/bin/env bash
# Runs once, when the database is new: a login and a schema of its own for each service, and nothing else.
set -euo pipefail

sql() { psql --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname headrace "$@"; }

# PostgreSQL lets everybody connect to every database, and make temporary tables there.
sql <<'SQL'
revoke all on database headrace, postgres, template1 from public;
revoke all on schema public from public;
SQL

for service in projections email analytics billing; do
  # the password comes through a variable that psql quotes, so that it is in no command line and no history
  PASSWORD=$(<"/run/secrets/postgres_$service") sql --set service="$service" <<'SQL'
\getenv password PASSWORD
create role :"service" login password :'password' connection limit 200;
grant connect on database headrace to :"service";
create schema :"service" authorization :"service";
alter role :"service" set search_path = :"service";
SQL
done
