#!/bin/sh
# Run once by PostgreSQL's image in an empty volume: the two roles and the database, as docs/operations.md has them.
set -eu
psql --username "$POSTGRES_USER" --set ON_ERROR_STOP=1 \
    --set owner_password="$OWNER_PASSWORD" --set app_password="$APP_PASSWORD" <<'SQL'
CREATE ROLE crowd_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE crowd_app LOGIN PASSWORD :'app_password';
CREATE DATABASE crowd OWNER crowd_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE crowd FROM PUBLIC;
GRANT CONNECT ON DATABASE crowd TO crowd_app;
SQL
