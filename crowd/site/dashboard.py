"""A person's dashboard: tasks by due time, changes, money, the next step; never a blank page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from challenges import queries as challenges
from crowd import audit, clock, job_stats
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.policy import STAFF
from crowd.errors import Sentence
from crowd.feature import declared
from crowd.ledger import queries as ledger
from crowd.notifications import queries as notifications
from crowd.notifications.models import Notification
from crowd.rules.policy import PROPOSERS
from crowd.web.tasks import Task, by_due_time

CHANGES = 6
WEEK = timedelta(days=7)
WATCHERS = (PlatformRole.ADMINISTRATOR, PlatformRole.AUDITOR, PlatformRole.COUNCIL)
REFUSALS: dict[str, Sentence] = {  # events that a person should review now and then
    "proposal.access_denied": _l("See who tried to view a sealed proposal"),
    "request.refused": _l("View denied requests"),
}


@dataclass(frozen=True)
class Dashboard:
    """`tasks` by due time; `changes` are notifications; `money` are ledger accounts with a balance or expected money.

    `ahead` maps a challenge's id to its next step.
    """

    tasks: list[Task]
    ahead: Mapping[int, str]
    changes: Sequence[Notification]
    money: Sequence[ledger.Balance]
    steps: list[Task]

    @property
    def overdue(self) -> int:
        """How many tasks are overdue."""
        return sum(task.is_late(clock.now()) for task in self.tasks)


def load(actor: User) -> Dashboard:
    """Everything on the dashboard of `actor`, in a constant number of queries."""
    tasks = by_due_time(task for each in declared().features for tasks in each.dashboard_tasks for task in tasks(actor))
    return Dashboard(
        tasks=tasks + _operators_tasks(actor),
        ahead=challenges.next_steps(task.challenge_id for task in tasks if task.challenge_id),
        changes=notifications.recent(actor.id, CHANGES),
        money=ledger.balances_of(actor),
        steps=_next_steps(actor),
    )


def _operators_tasks(actor: User) -> list[Task]:
    tasks = []
    if actor.is_any(PlatformRole.SERVICE_CENTRE, PlatformRole.ADMINISTRATOR) and (dead := job_stats.count_dead()):
        tasks.append(Task(_("Failed jobs"), url_for("admin.jobs", state="dead"), count=dead))
    if actor.is_any(*WATCHERS):
        tasks += [
            Task(REFUSALS[action], url_for("admin.audit", action=action), _("In the last seven days"), count=number)
            for action, number in audit.counted(REFUSALS, since=clock.now() - WEEK).items()
        ]
    return tasks


def _next_steps(actor: User) -> list[Task]:
    """Suggestions for a person with these roles, so that an empty dashboard still has links."""
    sponsor = any(one.gives(Right.POST) and one.organisation.posts for one in actor.memberships)
    staff = actor.is_any(*STAFF)
    steps = [
        (sponsor, _("Post a challenge"), "challenges.new", _("Say what you need and what it is worth.")),
        *_steps_of_roles(actor),
        (
            not (actor.memberships or actor.roles),
            _("Register or join an organisation"),
            "accounts.organisations",
            _("To post a challenge or to answer as an agency."),
        ),
        (not staff, _("Find a challenge"), "challenges.index", _("Open ones have their money in escrow.")),
    ]
    return [Task(text, url_for(endpoint), detail) for fits, text, endpoint, detail in steps if fits]


def _steps_of_roles(actor: User) -> list[tuple[bool, str, str, str]]:
    """The pages of a role, also while nothing waits: (whether the person has the role, text, URL, reason)."""
    has, role = actor.is_any, PlatformRole
    expert, council, finance = has(role.EXPERT), has(role.COUNCIL), has(role.FINANCE)
    proposes = has(*PROPOSERS)
    reads = has(role.AUDITOR, role.COUNCIL, role.ADMINISTRATOR)
    return [
        (expert, _("Keep your expertise up to date"), "accounts.profile", _("Review panels are chosen by it.")),
        (
            expert,
            _("Declare your conflicts of interest"),
            "scoring.declared_conflicts",
            _("So that you are assigned only what you can judge."),
        ),
        (
            has(role.SERVICE_CENTRE),
            _("See the status of the platform"),
            "admin.index",
            _("Queues, jobs and emails at a glance."),
        ),
        (
            has(role.PROGRAMME_OFFICER),
            _("See your programme"),
            "site.programme",
            _("Challenges, money and decisions of your body."),
        ),
        (has(role.ADMINISTRATOR), _("People and their roles"), "accounts.people_admin", _("Who may do what here.")),
        (
            council,
            _("Read the latest decisions"),
            "scoring.latest",
            _("The council decides where a sponsor stays silent."),
        ),
        (proposes, _("Propose changes of the rules"), "rules.index", _("The council decides them by vote.")),
        (reads, _("Read the audit trail"), "admin.audit", _("Every action, who did it and when.")),
        (finance, _("See what is to be paid out"), "ledger.payouts", _("One creates a batch, another approves it.")),
        (finance or has(role.AUDITOR), _("View the ledger"), "ledger.check", _("The ledger checks itself.")),
    ]
