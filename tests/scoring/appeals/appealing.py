"""Appeals for tests: filed, answered, voted on."""

from collections.abc import Mapping

from challenges.models import Challenge
from crowd.accounts.models import PlatformRole, User
from crowd.audit import SYSTEM
from crowd.cases import services
from crowd.cases.models import Case
from crowd.cases.workflow import Finding, VoteChoice
from scoring.appeals import services as appeals
from submissions import queries as submissions
from submissions.models import Proposal
from tests import factories
from tests.cast import Cast

ANSWERS = {"ground": "misread", "why": "The second review is about another proposal."}
FOR, PARTLY, AGAINST, RECUSED = VoteChoice.FOR, VoteChoice.PARTLY, VoteChoice.AGAINST, VoteChoice.RECUSED


def council() -> list[User]:
    """Five members of the council."""
    return [factories.user(name, PlatformRole.COUNCIL) for name in ("Una", "Ugo", "Uta", "Ulf", "Uri")]


def proposal_of(challenge: Challenge, author: User) -> Proposal:
    """The submitted proposal of a person."""
    return next(row for row in submissions.submitted(challenge.id) if row.user_id == author.id)


def appeal(challenge: Challenge, author: User) -> Case:
    """An appeal of a proposal's author."""
    return services.file_case(author, "appeal", str(proposal_of(challenge, author).id), answers=ANSWERS)


def answer(cast: Cast, case: Case) -> None:
    """The panel and the sponsor answer."""
    reviewer = next(one for one in cast.reviewers() if one.id in {row.user_id for row in case.members})
    services.conclude(reviewer, case.public_id, 1, finding=Finding.GIVEN, reasons="The review is about this one.")
    services.conclude(cast.ada, case.public_id, 2, finding=Finding.GIVEN, reasons="We followed the ranking.")


def vote(case: Case, choices: Mapping[User, VoteChoice]) -> None:
    """Members of the council vote."""
    for member, choice in choices.items():
        services.vote(member, case.public_id, 3, choice=choice, reasons=f"{member.name} says why.")


def ended(cast: Cast, case: Case, members: list[User], choice: VoteChoice) -> Case:
    """The appeal, answered and decided by the first three members, and carried out."""
    answer(cast, case)
    vote(case, dict.fromkeys(members[:3], choice))
    appeals.carry_out(SYSTEM, case.id)
    return case
