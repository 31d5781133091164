"""Who is told of a case: the bodies and the other side when they are to act, and all parties of what happens."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from crowd import clock
from crowd.accounts.models import User
from crowd.cases import bodies, queries
from crowd.cases.models import Case, CaseEntry, CaseStep, Side
from crowd.notifications.kinds import NotificationKinds, path_to
from crowd.notifications.services import notify
from crowd.values import Value, moment, person, term

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
QUORUM = KINDS.define(
    "cases.quorum_missing",
    _l("A vote lacks members: %(title)s"),
    _l("Too few can vote by %(due_at)s. Please name a substitute of the expert committee on the page of the case."),
)
ADDED = KINDS.define(
    "cases.entry_added", _l("New in a case: %(title)s"), _l("Somebody has added to the case. It is on its page.")
)
ASSIGNED = KINDS.define(
    "cases.step_assigned",
    _l("A case was assigned to you: %(title)s"),
    _l("Please act by %(due_at)s; what follows otherwise is on its page."),
)
TAKEN_OVER = KINDS.define(
    "cases.step_taken_over",
    _l("Another person acts in a case: %(title)s"),
    _l("%(person)s now has the step that you had taken."),
)
HANDED_OVER = KINDS.define(
    "cases.step_handed_over",
    _l("A case was handed over to your unit: %(title)s"),
    _l("The note for you is on its page. Please act by %(due_at)s."),
)
WARNED = KINDS.define(
    "cases.warned",
    _l("You are warned: %(title)s"),
    _l(
        "A case about you has ended with a warning. The result is: %(state)s. The reasons are on its page. The warning"
        " is shown with the next case about you."
    ),
    always=True,
)
ENDED = KINDS.define(
    "cases.ended",
    _l("A case has ended: %(title)s"),
    _l("The result is: %(state)s. How it came about is on its page."),
)
WITHDRAWN = KINDS.define(
    "cases.withdrawn", _l("A case was withdrawn: %(title)s"), _l("It has ended without a decision.")
)


def filed(case: Case) -> None:
    """To those whom it is about, unless it is their turn at once."""
    if not any(step.is_open and step.body == bodies.RESPONDENT for step in case.steps):
        _tell(queries.people_of(queries.parties_of(case, Side.RESPONDENT)), FILED, case, f"{case.id}")


def step_opened(step: CaseStep) -> None:
    """To those who are to act."""
    _tell(queries.people_for(step), TO_ACT, step.case, f"{step.id}", step)


def reminded(step: CaseStep) -> None:
    """To those who have not acted."""
    done = {one.member_id for one in step.votes}
    _tell([one for one in queries.people_for(step) if one not in done], REMINDED, step.case, f"{step.id}", step)


def substitute_named(step: CaseStep, user_id: int) -> None:
    """To who is to vote."""
    _tell([user_id], SUBSTITUTE, step.case, f"{step.id}", step)


def quorum_missing(step: CaseStep) -> None:
    """To those who name substitutes, where too few can vote; again whenever somebody else cannot."""
    if queries.needs_substitute(step):
        _tell(queries.office(step.case), QUORUM, step.case, f"{step.id}:{len(step.votes)}", step)


def assigned(step: CaseStep, user_id: int) -> None:
    """To who is to act now."""
    _tell([user_id], ASSIGNED, step.case, f"{step.id}:{step.taken_at}", step)


def taken_over(step: CaseStep, before: User, now: User) -> None:
    """To who had taken it."""
    _tell([before.id], TAKEN_OVER, step.case, f"{step.id}:{step.taken_at}", step, person=person(now))


def handed_over(step: CaseStep) -> None:
    """To the staff of the unit, or of the service centre."""
    _tell(queries.people_for(step), HANDED_OVER, step.case, f"{step.id}:{clock.db_now()}", step)


def warned(case: Case) -> None:
    """To whom it is about."""
    _tell(queries.people_of(queries.parties_of(case, Side.RESPONDENT)), WARNED, case, f"{case.id}")


def entry_added(case: Case, entry: CaseEntry) -> None:
    """To the parties, but to who has added it."""
    people = queries.people_of(case.parties)
    _tell([one for one in people if one != entry.author_id], ADDED, case, f"{entry.id}")


def ended(case: Case) -> None:
    """To all parties."""
    _tell(queries.people_of(case.parties), ENDED, case, f"{case.id}")


def withdrawn(case: Case) -> None:
    """To all parties."""
    _tell(queries.people_of(case.parties), WITHDRAWN, case, f"{case.id}")


def _tell(people: Iterable[int], kind: str, case: Case, key: str, step: CaseStep | None = None, **more: Value) -> None:
    params = {"title": _title(case), "state": term(case.state, "case"), **more}
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


def _title(case: Case) -> str | Value:
    """What the case is about: a person as a value, so that their name goes with their account."""
    about = queries.parties_of(case, Side.RESPONDENT)
    people = [party.user for party in about if party.user] or ([] if about or case.filer is None else [case.filer])
    return case.stated_title or (person(people[0]) if people else case.title)


def may_open(actor: object, public_id: str) -> Case:
    """Who may open what a notification links to. Raises NotFound."""
    return queries.access(actor, public_id)  # type: ignore[arg-type]
