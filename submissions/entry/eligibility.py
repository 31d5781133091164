"""Whether somebody may enter a challenge: every condition is one line of `CONDITIONS`.

`reasons` names the conditions that the contract in force sets and an entrant does not meet: for the page of the
challenge, the registration, and who accepts a changed contract. `ineligible` does for proposals, by the version that
was in force when each was submitted: for the choice of awards.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from challenges.contract.document import read_document
from challenges.entry.clauses import is_restricted
from challenges.entry.eligibility import Entrant, unmet, unmet_by_share
from challenges.models import Challenge
from crowd.accounts.models import Organisation, User
from crowd.canonical import Document
from crowd.db import db
from crowd.errors import Sentence
from submissions.models import Proposal, ProposalVersion
from submissions.policy import agencies_of


def _of_contract(_actor: User, _challenge: Challenge, rule: Document, entrant: Entrant) -> Iterator[Sentence]:
    return unmet(rule, entrant)


Condition = Callable[[User, Challenge, Document, Entrant], Iterator[Sentence]]
# Each yields a sentence for what is not met: of the person who registers, in a challenge, by the clauses of a version
# (`eligibility`, as the row of the challenge has them, too), for an entrant: themselves or an organisation.
CONDITIONS: Sequence[Condition] = (_of_contract,)


def reasons(
    actor: User, challenge: Challenge, organisation: Organisation | None = None, *, rule: Document | None = None
) -> list[Sentence]:
    """Why the person may not enter, for themselves or for the organisation; empty where they may. `rule` are the
    clauses of another version than the one in force.
    """
    entrant, rule = organisation or actor, rule or challenge.entry
    return [sentence for condition in CONDITIONS for sentence in condition(actor, challenge, rule, entrant)]


def may_enter(actor: User, challenge: Challenge, organisation: Organisation | None = None) -> bool:
    """Whether the person meets every condition, for themselves or for the organisation."""
    return not reasons(actor, challenge, organisation)


@dataclass(frozen=True, slots=True)
class UnmetConditions:
    """Several sentences as one value of another sentence."""

    sentences: Sequence[Sentence]

    def __str__(self) -> str:
        return " ".join(map(str, self.sentences))


@dataclass(frozen=True, slots=True)
class EntryChance:
    """Whether a person may enter for themselves (`organisation` None) or for an organisation, and why not."""

    organisation: Organisation | None
    reasons: Sequence[Sentence]


def chances(actor: User | None, challenge: Challenge) -> list[EntryChance]:
    """For themselves, and for each organisation for which they may answer; nothing where everybody may enter."""
    if actor is None or not is_restricted(challenge.entry):
        return []
    return [EntryChance(one, reasons(actor, challenge, one)) for one in (None, *agencies_of(actor))]


def ineligible(proposal_ids: Iterable[int]) -> dict[int, UnmetConditions]:
    """Those of these submitted proposals whose entrants do not meet the contract that was in force at the submission,
    with what is not met. Versions of before there were contracts set no condition.
    """
    query = (
        sa.select(Proposal)
        .where(Proposal.id.in_(set(proposal_ids)))
        .options(joinedload(Proposal.submitted_version).joinedload(ProposalVersion.contract_version))
        .execution_options(populate_existing=True)
    )
    found = {}
    for proposal in db.session.scalars(query).unique():
        version = proposal.submitted_version.contract_version if proposal.submitted_version else None
        rule = read_document(version.document)["eligibility"] if version else None
        if rule and (why := list(_unmet(proposal, rule))):
            found[proposal.id] = UnmetConditions(why)
    return found


def _unmet(proposal: Proposal, rule: Document) -> Iterator[Sentence]:
    """What the entrant of a submitted proposal does not meet, and what those with a share do not, without a name."""
    yield from unmet(rule, proposal.organisation or proposal.user)
    assert proposal.submitted_at is not None
    for _person, why in unmet_shares(proposal, rule, proposal.submitted_at):
        yield _("Somebody with a share does not meet what is asked of people. %(why)s", why=why)


def unmet_shares(proposal: Proposal, rule: Document, since: datetime) -> Iterator[tuple[User, UnmetConditions]]:
    """The people with a share who meet neither what is asked of people nor belong to the organisation that entered."""
    entrant = proposal.organisation or proposal.user
    for person in (share.user for share in proposal.shares if share.user is not None):
        if why := list(unmet_by_share(rule, person, entrant, since)):
            yield person, UnmetConditions(why)
