"""Who is told of a case: the organs and the other side when they are to act, and all parties of what happens."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from crowd.cases import organs, queries
from crowd.cases.models import Case, CaseEntry, CaseStep, Side
from crowd.notifications.kinds import NotificationKinds, path_to
from crowd.notifications.services import notify
from crowd.values import moment, term

KINDS = NotificationKinds()
FILED = KINDS.define(
    "cases.filed",
    _l("A case about you: %(title)s"),
    _l("A case was filed about you or about what you answer for. On its page you read it and add to it."),
)
TO_ACT = KINDS.define(
    "cases.step_opened",
    _l("A case waits for you: %(title)s"),
    _l("It is your turn in a case. Please act by %(due_at)s; what follows otherwise is on its page."),
)
REMINDED = KINDS.define(
    "cases.step_reminded",
    _l("A case still waits for you: %(title)s"),
    _l("Please act by %(due_at)s; what follows otherwise is on its page."),
)
SUBSTITUTE = KINDS.define(
    "cases.substitute_named",
    _l("You are to vote in a case: %(title)s"),
    _l("You substitute for members who have a conflict of interest. Please vote by %(due_at)s."),
)
ADDED = KINDS.define(
    "cases.entry_added", _l("New in a case: %(title)s"), _l("Somebody has added to the case. It is on its page.")
)
ENDED = KINDS.define(
    "cases.ended",
    _l("A case has ended: %(title)s"),
    _l("The result is: %(state)s. The reasons are on its page."),
)


def filed(case: Case) -> None:
    """To those whom it is about."""
    _tell(queries.people_of(queries.parties_of(case, Side.RESPONDENT)), FILED, case, f"{case.id}")


def step_opened(step: CaseStep) -> None:
    """To those who are to act."""
    _tell(people_for(step), TO_ACT, step.case, f"{step.id}", step)


def reminded(step: CaseStep) -> None:
    """To those who have not acted."""
    done = {one.member_id for one in step.votes}
    _tell([one for one in people_for(step) if one not in done], REMINDED, step.case, f"{step.id}", step)


def substitute_named(step: CaseStep, user_id: int) -> None:
    """To who is to vote."""
    _tell([user_id], SUBSTITUTE, step.case, f"{step.id}", step)


def entry_added(case: Case, entry: CaseEntry) -> None:
    """To the parties, but to who has added it."""
    people = queries.people_of(case.parties)
    _tell([one for one in people if one != entry.author_id], ADDED, case, f"{entry.id}")


def ended(case: Case) -> None:
    """To all parties."""
    _tell(queries.people_of(case.parties), ENDED, case, f"{case.id}")


def people_for(step: CaseStep) -> list[int]:
    """The ids of those who are to act in a step."""
    if step.organ == organs.RESPONDENT:
        return queries.people_of(queries.parties_of(step.case, Side.RESPONDENT))
    return [step.taken_by] if step.taken_by else queries.voters(step)


def _tell(people: Iterable[int], kind: str, case: Case, key: str, step: CaseStep | None = None) -> None:
    params = {"title": case.title, "state": term(case.state, "case")}
    if step is not None and step.due_at is not None:
        params["due_at"] = moment(step.due_at)
    for user_id in people:
        notify(
            user_id,
            kind=kind,
            key=f"{kind}:{key}",
            path=path_to("cases.show", public_id=case.public_id),
            params=params,
            challenge_id=case.challenge_id,
        )


def may_open(actor: object, public_id: str) -> Case:
    """Who may open what a notification links to. Raises NotFound."""
    return queries.access(actor, public_id)  # type: ignore[arg-type]
