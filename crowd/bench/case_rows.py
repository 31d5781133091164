"""Rows of the benchmark of cases: thousands of cases of ten kinds, made in the database itself."""

from collections.abc import Mapping

import sqlalchemy as sa

from challenges.reports import close_to
from crowd.db import db
from crowd.feature import Feature, declare, declared
from crowd.features import FEATURES
from crowd.procedure import COUNCIL, DEPARTMENT, RESPONDENT, CaseKind, CaseOutcome, OnSilence, StepAct, StepKind

KINDS = 10
DAYS = 10  # of a step whose days are a setting
PENDING = 2  # one in so many cases is pending
CASES = """
INSERT INTO "case" (public_id, kind, subject_type, subject_id, title, path, filed_by, language, answers, state, stage,
    outcome, filed_at, ended_at)
SELECT 'bench-' || :kind || '-' || n, :kind, :subject_type, subject.id, 'Case ' || n, '/challenges', filer.id, 'en',
    CAST(:answers AS jsonb), CASE WHEN n % :pending = 0 THEN 'pending' ELSE 'refused' END,
    CASE WHEN n % :pending = 0 THEN 1 + (n / :pending) % :stages ELSE :stages END,
    CASE WHEN n % :pending = 0 THEN NULL ELSE 'refused' END, crowd_now() - interval '30 days',
    CASE WHEN n % :pending = 0 THEN NULL ELSE crowd_now() END
FROM generate_series(:first + 1, :first + :number) AS n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM {subject}) AS subject
    ON subject.place = 1 + n % (SELECT greatest(count(*), 1) FROM {subject})
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM "user") AS filer
    ON filer.place = 1 + n % (SELECT count(*) FROM "user")
"""
PARTIES = """
INSERT INTO case_party (case_id, side, user_id)
SELECT id, 'filer', filed_by FROM "case" WHERE public_id LIKE 'bench-%'
    AND NOT EXISTS (SELECT FROM case_party WHERE case_id = "case".id) UNION ALL
SELECT row.id, 'respondent', person.id FROM "case" AS row
JOIN (SELECT id, row_number() OVER (ORDER BY id DESC) AS place FROM "user") AS person
    ON person.place = 1 + row.id % (SELECT count(*) FROM "user")
WHERE public_id LIKE 'bench-%' AND person.id <> row.filed_by
    AND NOT EXISTS (SELECT FROM case_party WHERE case_id = row.id)
"""
STEPS = """
INSERT INTO case_step (case_id, position, stage, name, body, act, days, working_days, silence, quorum, state, opened_at,
    due_at, finding, reasons, done_at)
SELECT id, CAST(:position AS int), CAST(:stage AS int), :name, :body, CAST(:act AS text), CAST(:days AS int), false,
    :silence, :quorum, step.state,
    CASE WHEN step.state = 'ahead' THEN NULL ELSE crowd_now() - interval '5 days' END,
    CASE WHEN step.state = 'ahead' THEN NULL ELSE crowd_now() + id % CAST(:days AS int) * interval '1 day' END,
    CASE WHEN step.state = 'concluded' THEN CASE WHEN CAST(:act AS text) = 'opinion' THEN 'given' ELSE 'no' END END, '',
    CASE WHEN step.state = 'concluded' THEN crowd_now() END
FROM "case" AS row CROSS JOIN LATERAL (SELECT CASE
    WHEN row.state <> 'pending' OR row.stage > CAST(:stage AS int) THEN 'concluded'
    WHEN row.stage = CAST(:stage AS int) THEN 'open' ELSE 'ahead' END AS state) AS step
WHERE kind = :kind AND public_id LIKE 'bench-%'
    AND NOT EXISTS (SELECT FROM case_step WHERE case_id = row.id AND position = CAST(:position AS int))
"""


def kinds() -> Mapping[str, CaseKind]:
    """Those that the platform declares; so many more of a reply and a vote of the council that there are ten."""
    declare(FEATURES)
    more = [_voted(number) for number in range(len(declared().case_kinds), KINDS)]
    return declare([*FEATURES, Feature(name="bench_cases", case_kinds=tuple(more))]).case_kinds


def _voted(number: int) -> CaseKind:
    def subject(*_arguments: object) -> None:
        raise NotImplementedError  # its cases are rows: nobody files one

    steps = (
        StepKind(name="reply", label="Reply", body=RESPONDENT, act=StepAct.OPINION, stage=1, days=DAYS),
        StepKind(name="vote", label="Vote", body=COUNCIL, act=StepAct.VOTE, stage=2, days=DAYS, quorum=3,
                 silence=OnSilence.REFUSES),
    )  # fmt: skip
    return CaseKind(
        name=f"bench_{number}", label=f"Benchmark {number}", explanation="", subject_type="challenge",
        subject=subject, form=(), steps=steps, conflicts=close_to,  # type: ignore[arg-type]
        consequences={CaseOutcome.GRANTED: "It is so.", CaseOutcome.REFUSED: "It is not so."},
    )  # fmt: skip


def of_rows() -> list[CaseKind]:
    """The kinds whose cases are about rows of a table, which is named as they name their subject; without those in
    which departments sign, of which each case has others.
    """
    every = declared().case_kinds.values()
    return [kind for kind in every if kind.subject_type in db.metadata.tables and DEPARTMENT not in kind.bodies]


def fill(owner_url: str, number: int, *, first: int) -> None:
    """So many cases, as many of each kind, besides those of the benchmark that there are already."""
    engine = sa.create_engine(owner_url, poolclass=sa.NullPool)
    filled = of_rows()
    with engine.begin() as connection:
        for kind in filled:
            _insert(connection, kind, number // len(filled), first // len(filled))
        connection.execute(sa.text(PARTIES))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))


def _insert(connection: sa.Connection, kind: CaseKind, number: int, first: int) -> None:
    stages = max(step.stage for step in kind.steps)
    subject = f'"{kind.subject_type}"'  # the table of what it is about, as declared
    connection.execute(
        sa.text(CASES.format(subject=subject)),
        {"kind": kind.name, "subject_type": kind.subject_type, "answers": "{}", "pending": PENDING, "stages": stages,
         "number": number, "first": first},
    )  # fmt: skip
    for position, step in enumerate(kind.steps, start=1):
        connection.execute(
            sa.text(STEPS),
            {"position": position, "stage": step.stage, "name": step.name, "body": step.body, "act": step.act.value,
             "days": step.days if isinstance(step.days, int) else DAYS,
             "silence": step.silence.value, "quorum": step.quorum, "kind": kind.name},
        )  # fmt: skip
