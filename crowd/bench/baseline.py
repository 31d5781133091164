"""The baseline of page measurements: the cheapest response of this stack, served in the same way.

A page is one indexed SELECT of 20 rows and a small template; a write is one INSERT and COMMIT.
"""

import os
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, render_template_string
from flask_sqlalchemy import SQLAlchemy

SCHEMA = (
    "CREATE SCHEMA IF NOT EXISTS bench",
    "CREATE TABLE IF NOT EXISTS bench.line (id bigint PRIMARY KEY, title text NOT NULL, amount bigint NOT NULL)",
    "CREATE TABLE IF NOT EXISTS bench.entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL)",
    "INSERT INTO bench.line SELECT n, 'Line ' || n, n * 100 FROM generate_series(1, 1000) n ON CONFLICT DO NOTHING",
    "GRANT USAGE ON SCHEMA bench TO {role}",
    "GRANT SELECT ON bench.line TO {role}",
    "GRANT SELECT, INSERT ON bench.entry TO {role}",
)
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Lines</title></head><body><h1>Lines</h1>
<ul>{% for line in lines %}<li><a href="/{{ line.id }}">{{ line.title }}</a> {{ line.amount }}</li>{% endfor %}</ul>
</body></html>"""


def prepare(owner: sa.Engine, role: str) -> None:
    """Create the two tables, beside the platform's own."""
    with owner.begin() as connection:
        for statement in SCHEMA:
            connection.execute(sa.text(statement.format(role=role)))


def create_app() -> Flask:
    """The application: `GET /` and `POST /`."""
    app = Flask("baseline")
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["CROWD_DATABASE_URL"]
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": 8, "max_overflow": 2}
    db = SQLAlchemy(app)
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in ("id", "title", "amount")]
    query = sa.select(*columns).select_from(sa.table("line", *columns, schema="bench"))
    query = query.where(columns[0] > 500).order_by(columns[0]).limit(20)
    entry = sa.insert(sa.table("entry", sa.column("title"), schema="bench")).values(title="An entry")

    @app.get("/")
    def page() -> str:
        return render_template_string(PAGE, lines=db.session.execute(query).all())

    @app.post("/")
    def write() -> Response:
        with db.engine.begin() as connection:
            connection.execute(entry)
        return Response(status=204)

    return app
