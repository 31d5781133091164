"""What cases declare: their pages, clocks, labels, notifications, and what they know of a person."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

import crowd.cases.days_off.views  # noqa: F401 - adds pages to the blueprint
from crowd.accounts.questions import ACTS_IN_CASE, DECIDED_CASE, PENDING_CASE, PENDING_PAGES, PENDING_SUBJECTS, VOTED_IN
from crowd.cases import answers, labels, notifications, policy, queries, queues, services, views
from crowd.cases.days_off import services as days_off
from crowd.cases.days_off.models import DaysOff
from crowd.cases.models import Case, CaseEntry, CaseMember, CaseParty, CaseSubstitute, CaseVote
from crowd.feature import Feature, UnitWork
from crowd.registers.questions import CASE_FORM, CASE_PAGE, INSPECTIONS
from crowd.rules.questions import PROPOSALS, RULING, STATED

FEATURE = Feature(
    name="cases",
    blueprints=(views.blueprint,),
    jobs="crowd.cases.jobs",
    job_labels={
        "cases.remind_step": _l("Remind those who are to act in a case"),
        "cases.end_step": _l("End a step of a case whose time is over"),
    },
    audit={
        "case.filed": _l("Filed a case"),
        "case.withdrawn": _l("Withdrew a case"),
        "case.entry_added": _l("Added to a case"),
        "case.minutes_added": _l("Added the minutes of a vote"),
        "case.entry_blackened": _l("Blacked out an entry of a case"),
        "case.step_taken": _l("Took a step of a case"),
        "case.step_released": _l("Gave a step of a case back"),
        "case.step_assigned": _l("Assigned a step of a case"),
        "case.step_handed_over": _l("Handed a step of a case over"),
        "case.step_concluded": _l("Concluded a step of a case"),
        "case.step_silent": _l("The time of a step of a case is over"),
        "case.voted": _l("Voted in a case"),
        "case.recused": _l("Declared a conflict of interest in a case"),
        "case.substitute_named": _l("Named a substitute in a case"),
        "case.decided": _l("A case is decided"),
        "case.ended": _l("A case has ended"),
        "case.warned": _l("Warned whom a case is about"),
        "days_off.added": _l("Entered days off"),
        "days_off.removed": _l("Removed days off"),
        "account.warned": _l("Warned after a case"),
        "organisation.warned": _l("Warned after a case"),
    },
    audit_data={
        "step": _l("Step"),
        "finding": _l("Result"),
        "silence": _l("What follows"),
        "outcome": _l("Outcome"),
        "entry": _l("Entry"),
        "case": _l("Case"),
        "case_kind": _l("Kind"),
        "taken_from": _l("Taken over from"),
        "days_off": _l("Days off"),
    },
    subjects={"case": _l("case"), "case_step": _l("step of a case"), "days_off": _l("days off")},
    answers={
        INSPECTIONS: answers.inspections,
        RULING: answers.ruling,
        STATED: answers.stated,
        PROPOSALS: answers.proposals,
        CASE_PAGE: answers.path_of,
        PENDING_CASE: answers.pending_path,
        PENDING_SUBJECTS: answers.pending_subjects,
        PENDING_PAGES: answers.pending_pages,
        CASE_FORM: answers.form_path,
        VOTED_IN: answers.voted_in,
        DECIDED_CASE: answers.decided,
        ACTS_IN_CASE: policy.acts_in,
    },
    labels={
        "case": labels.STATES,
        "case_step": labels.STEPS,
        "case_finding": labels.FINDINGS,
        "case_choice": labels.CHOICES,
        "case_silence": labels.SILENCES,
        "case_act": labels.ACTS,
        "case_body": labels.BODIES,
        "case_audience": labels.AUDIENCES,
    },
    notifications=notifications.KINDS,
    notification_group=_l("Cases"),
    link_access={"cases.show": notifications.may_open, "cases.new": answers.may_file},
    dashboard_tasks=(queues.waiting,),
    unit_work={
        "cases": UnitWork(
            text=lambda number: ngettext("%(num)d case to decide", "%(num)d cases to decide", number),
            waiting=queues.waiting_in,
            hand_over=services.hand_over_for_unit,
        )
    },
    sections={"cases.": ("cases",)},
    open_matters=(queries.open_matters,),
    erasures=(days_off.erase,),
    personal_data={
        "days_off": lambda user_id: (
            sa.select(DaysOff.first_day, DaysOff.last_day, DaysOff.added_at)
            .where(DaysOff.user_id == user_id)
            .order_by(DaysOff.id)
        ),
        "cases_filed": lambda user_id: (
            sa.select(
                Case.public_id, Case.kind, Case.stated_title, Case.answers, Case.state, Case.filed_at, Case.ended_at
            )
            .where(Case.filed_by == user_id)
            .order_by(Case.id)
        ),
        "cases": lambda user_id: (
            sa.select(Case.public_id, Case.kind, CaseParty.side, Case.state, Case.filed_at, Case.ended_at)
            .join(Case, Case.id == CaseParty.case_id)
            .where(CaseParty.user_id == user_id)
            .order_by(CaseParty.id)
        ),
        "case_substitutions": lambda user_id: (
            sa.select(CaseSubstitute.step_id, CaseSubstitute.named_at)
            .where(CaseSubstitute.user_id == user_id)
            .order_by(CaseSubstitute.id)
        ),
        "case_memberships": lambda user_id: (
            sa.select(Case.public_id, Case.kind, CaseMember.body, Case.state, Case.filed_at, Case.ended_at)
            .join(Case, Case.id == CaseMember.case_id)
            .where(CaseMember.user_id == user_id)
            .order_by(CaseMember.id)
        ),
        "case_entries": lambda user_id: (
            sa.select(Case.public_id, CaseEntry.text, CaseEntry.audience, CaseEntry.added_at)
            .join(Case, Case.id == CaseEntry.case_id)
            .where(CaseEntry.author_id == user_id)
            .order_by(CaseEntry.id)
        ),
        "case_votes": lambda user_id: (
            sa.select(CaseVote.step_id, CaseVote.choice, CaseVote.reasons, CaseVote.voted_at)
            .where(CaseVote.member_id == user_id)
            .order_by(CaseVote.id)
        ),
    },
)
