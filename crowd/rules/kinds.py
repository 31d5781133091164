"""The kind of case by which a set of rules is changed; the package whose rules they are declares it for its set."""

from collections.abc import Mapping
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l

from crowd import clock
from crowd.access import id_in
from crowd.audit import Actor
from crowd.config import limits
from crowd.errors import Forbidden, Invalid, NotFound, Sentence
from crowd.notifications.kinds import path_to
from crowd.procedure import (
    COUNCIL,
    COUNCIL_OFFICE,
    EXPERT_COMMITTEE,
    CaseKind,
    CaseOutcome,
    CaseSubject,
    FormQuestion,
    OnSilence,
    QuestionType,
    StepAct,
    StepKind,
)
from crowd.rule_sets import Rule, RuleSet, RuleUnit
from crowd.rules import labels, policy, queries, services

OPINION_DAYS, VOTE_DAYS, QUORUM = 5, 10, 3
MAX_AHEAD = timedelta(days=366)
UNITS: Mapping[RuleUnit, tuple[QuestionType, Sentence]] = {  # how the form asks, and its hint
    RuleUnit.BASIS_POINTS: (QuestionType.PERCENT, _l("In percent.")),
    RuleUnit.DAYS: (QuestionType.WHOLE, _l("In days.")),
    RuleUnit.SECONDS: (QuestionType.WHOLE, _l("In seconds.")),
    RuleUnit.NUMBER: (QuestionType.WHOLE, ""),
    RuleUnit.DIFFERENCE: (QuestionType.TEXT, ""),  # these two by choices
    RuleUnit.YES_NO: (QuestionType.TEXT, ""),
}
STEPS = (
    StepKind(
        name="paper", label=_l("Paper of the council's office"), body=COUNCIL_OFFICE, act=StepAct.OPINION, stage=1,
        days=OPINION_DAYS, working_days=True,
        hint=_l(
            "Write what would change, for whom and why, and the date on which the council meets. Everybody reads it."
        ),
    ),
    StepKind(
        name="opinion", label=_l("Opinion of the expert committee"), body=EXPERT_COMMITTEE, act=StepAct.OPINION,
        stage=1, days=OPINION_DAYS, working_days=True, hint=_l("Everybody reads it."),
    ),
    StepKind(
        name="vote", label=_l("Vote of the council"), body=COUNCIL, act=StepAct.VOTE, stage=2, days=VOTE_DAYS,
        working_days=True, silence=OnSilence.REFUSES, quorum=QUORUM,
    ),
)  # fmt: skip


def kind_name(of: RuleSet) -> str:
    """The name of the kind by which a set is changed."""
    return f"{of.name}_change"


def change_of(of: RuleSet, label: Sentence) -> CaseKind:
    """The kind of case by which a set is changed."""
    return CaseKind(
        name=kind_name(of),
        label=label,
        explanation=_l(
            "The council decides on the rules as a whole: enter every value as it is to be from then on. The proposal"
            " is public as soon as it is filed. Challenges and cases that rest on an earlier version keep it."
        ),
        subject_type="rule_set",
        subject=lambda actor, key: _subject(of, actor, key),
        form=_form(of),
        steps=STEPS,
        consequences={
            CaseOutcome.GRANTED: _l(
                "The next version is adopted. It applies from the day that was proposed, or later where less than the"
                " notice would be left after the decision.",
            ),
            CaseOutcome.REFUSED: _l("The rules stay as they are."),
        },
        effects={CaseOutcome.GRANTED: "rules.adopt"},
        restricted=True,
        single=True,
        minutes=True,
        rests_on=lambda _subject: services.version_in_force(of.name).id,
        titled_by="what",
        check=lambda answers: check(of, answers),
    )


def _form(of: RuleSet) -> tuple[FormQuestion, ...]:
    asked = [_question(name, rule) for name, rule in of.rules.items()]
    return (
        FormQuestion(name="what", label=_l("The change in a line"), type=QuestionType.LINE),
        *asked,
        FormQuestion(
            name="applies_on", label=_l("Applies from"), type=QuestionType.DATE,
            hint=_l("Far enough ahead that everybody can know it; a day that is too early is refused."),
        ),
        FormQuestion(name="why", label=_l("Reasons"), rows=6, hint=_l("Everybody reads them.")),
    )  # fmt: skip


def _question(name: str, rule: Rule) -> FormQuestion:
    of_type, hint = UNITS[rule.unit]
    return FormQuestion(
        name=name, label=rule.label, type=of_type, hint=hint, choices=labels.choices(rule), most=rule.most,
    )  # fmt: skip


def _subject(of: RuleSet, actor: Actor | None, key: str) -> CaseSubject:
    if id_in(key) != of.number:
        raise NotFound
    if not policy.can_propose(actor):
        raise Forbidden(_l("The council, its office and the service centre propose changes of the rules."))
    values = queries.in_force(of.name).values
    return CaseSubject(
        id=of.number, title=str(of.label), path=path_to("rules.show", name=of.name),
        known={name: str(values[name]) for name in of.rules},
    )  # fmt: skip


def check(of: RuleSet, answers: Mapping[str, str]) -> None:
    """Raise Invalid where the proposed values cannot be adopted, where nothing would change, or where the day is too
    early or too far ahead.
    """
    values = {name: int(answers[name]) for name in of.rules}
    for name, rule in of.rules.items():
        if not rule.least <= values[name] <= rule.most:
            raise Invalid.at(name, _l("Between %(least)s and %(most)s.", least=rule.least, most=rule.most))
    if wrong := of.fits(values):
        raise Invalid.at(wrong, _l("This does not go together with the other values."))
    if values == dict(queries.in_force(of.name).values):
        raise Invalid(_l("Nothing would change: these are the values in force."))
    ahead = date.fromisoformat(answers["applies_on"]) - clock.today()
    least = limits().rule_notice_days
    if not timedelta(days=least) <= ahead <= MAX_AHEAD:
        raise Invalid.at(
            "applies_on",
            _l("Between %(least)s and %(most)s days from today.", least=least, most=MAX_AHEAD.days),
        )
