"""Two people of one agency who register at the same instant: the database lets one in, the other is told who."""

import sqlalchemy as sa
from flask import Flask

from crowd.accounts.models import User
from crowd.db import db
from submissions import services
from submissions.models import Registration
from tests import factories
from tests.cast import Cast, join
from tests.races.test_awards import at_once, wide


def test_an_agency_gets_one_entry_however_many_register_at_once(committed: Flask) -> None:
    wide(committed)
    with committed.app_context():
        cast = Cast()
        people = [factories.user(f"Member{number}") for number in range(8)]
        for person in people:
            join(person, cast.northlight)
        ids, agency = [person.id for person in people], cast.northlight.id
        challenges = [factories.opened(cast).id for _ in range(4)]

    for number in challenges:

        def enter(i: int, number: int = number) -> None:
            person = db.session.get_one(User, ids[i])
            services.register(person, number, organisation_id=agency, accepted=True)

        found = at_once(committed, len(ids), enter)
        assert found == {"done": 1, "Invalid": len(ids) - 1}
    with committed.app_context():
        entries = sa.select(Registration.challenge_id, sa.func.count()).where(Registration.organisation_id == agency)
        assert dict(db.session.execute(entries.group_by(Registration.challenge_id)).all()) == dict.fromkeys(
            challenges, 1
        )
