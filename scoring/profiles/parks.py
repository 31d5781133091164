"""What a park's page shows of its member firms: the firms, their challenges, and what they have won."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.policy import LISTED
from crowd.accounts.models import Organisation, OrganisationKind
from crowd.accounts.parks import queries as parks
from crowd.db import db
from scoring.profiles.queries import awards_of_organisations

SHOWN = 30  # challenges


@dataclass(frozen=True, slots=True)
class ParkProfile:
    """`firms` of a park by name; `challenges` are rows (id, title, language, state, currency, prize_total, sponsor),
    the newest first, of the firms, and of the park for a firm; `awards` as on a profile. `parks` are a firm's own.
    """

    firms: Sequence[Organisation] = ()
    challenges: Sequence[object] = ()
    awards: Sequence[object] = ()
    parks: Sequence[Organisation] = ()


def load(organisation: Organisation) -> ParkProfile:
    """A park's firms with what they do, or the parks of a firm."""
    if organisation.kind != OrganisationKind.PARK:
        return ParkProfile(parks=parks.parks_of(organisation.id))
    firms = parks.firms_of(organisation.id)
    ids = [firm.id for firm in firms]
    if not ids:
        return ParkProfile()
    return ParkProfile(firms, _challenges(organisation.id, ids), awards_of_organisations(ids))


def _challenges(park_id: int, firm_ids: list[int]) -> Sequence[object]:
    theirs = sa.or_(
        Challenge.organisation_id.in_(firm_ids),
        sa.and_(Challenge.organisation_id == park_id, Challenge.for_organisation_id.in_(firm_ids)),
    )
    firm_id = sa.func.coalesce(Challenge.for_organisation_id, Challenge.organisation_id)
    columns = (Challenge.id, Challenge.title, Challenge.language, Challenge.state, Challenge.currency)
    query = (
        sa.select(*columns, Challenge.prize_total, Organisation.name.label("sponsor"))
        .join(Organisation, Organisation.id == firm_id)
        .where(theirs, LISTED)
        .order_by(Challenge.sort_posted_at.desc(), Challenge.id.desc())
        .limit(SHOWN)
    )
    return db.session.execute(query).all()
