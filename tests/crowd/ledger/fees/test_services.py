"""Publishing a version of the fee schedule: what is stored and recorded, and the first day from which it may apply."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from crowd.audit import AuditEvent
from crowd.clock import today
from crowd.db import db
from crowd.errors import Invalid
from crowd.ledger.fees import queries, services
from tests.cast import Cast


def test_a_version_is_stored_with_its_number_and_recorded(cast: Cast) -> None:
    tomorrow = today() + timedelta(days=1)
    row = services.publish(cast.gu, points=450, effective_on=tomorrow, note=" Agreed on \n", after=1)
    assert (row.version, row.basis_points, row.kind, row.note) == (2, 450, queries.AWARD, "Agreed on")
    assert queries.last_version() == 2
    (event,) = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "fees.published"))
    assert (event.actor_id, event.subject_id, event.data["version"]) == (cast.gu.id, row.id, 2)
    assert "450" in str(event.data["points"])


def test_it_applies_from_tomorrow_at_the_earliest(cast: Cast) -> None:
    for day, note, field in ((today(), "Agreed on", "effective_on"), (today() + timedelta(days=1), " ", "note")):
        with pytest.raises(Invalid) as refused:
            services.check(cast.gu, effective_on=day, note=note, after=1)
        assert set(refused.value.fields) == {field}
    services.check(cast.gu, effective_on=today() + timedelta(days=1), note="Agreed on", after=1)
    assert queries.last_version() == 1, "checking publishes nothing"
