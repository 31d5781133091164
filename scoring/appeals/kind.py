"""An appeal as a kind of case: the panel and the sponsor answer side by side, then the council votes."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from challenges.contract import queries as contracts
from crowd.access import id_in
from crowd.audit import Actor
from crowd.errors import Forbidden, Sentence
from crowd.notifications.kinds import path_to
from crowd.procedure import (
    COUNCIL,
    PANEL,
    RESPONDENT,
    CaseKind,
    CaseOutcome,
    CaseSubject,
    FormQuestion,
    OnSilence,
    StepAct,
    StepKind,
)
from scoring.appeals import queries, services
from scoring.conflicting import conflicting
from submissions import queries as submissions
from submissions.policy import can_manage

ANSWER_DAYS, VOTE_DAYS, QUORUM = 5, 10, 3
LEAST = 40  # characters of what is wrong
CARRY_OUT = "appeals.carry_out"
GROUNDS: Mapping[str, Sentence] = {
    "rule": _l("A rule of the contract was not followed"),
    "conflict": _l("Somebody who judged or decided had a conflict of interest"),
    "misread": _l("A review shows that it is about something else than the proposal"),
    "calculation": _l("Points, ranks or amounts are calculated wrongly"),
    "reasons": _l("The published reasons contradict the reviews or the criteria"),
}
DISCREET = _l("Whoever appeals reads your answer. Write nothing about other proposals, and name no reviewer.")


def subject(actor: Actor | None, key: str) -> CaseSubject:
    """The proposal with this number, for those who may appeal for it now."""
    proposal = submissions.access(actor, id_in(key))
    if not can_manage(actor, proposal):
        raise Forbidden(_l("Its author appeals, or who leads the proposals of its agency."))
    services.refuse(proposal.challenge, proposal.id)
    assert proposal.submitted_version is not None
    challenge = proposal.challenge
    return CaseSubject(
        id=proposal.id, title=proposal.submitted_version.title, path=path_to("submissions.show", id=proposal.id),
        organisations=(challenge.organisation_id,), challenge_id=challenge.id,
        region_id=challenge.organisation.region_id,
        called={PANEL: queries.reviewers(challenge, proposal.id)},
    )  # fmt: skip


APPEAL = CaseKind(
    name="appeal",
    label=_l("Appeal against a decision"),
    explanation=_l(
        "Say which part of the decision is wrong, and why. The panel that reviewed your proposal and the sponsor"
        " answer, then the council decides by vote. Nothing of this challenge is paid before that. On the page of the"
        " appeal you can add files, and withdraw it."
    ),
    subject_type="proposal",
    subject=subject,
    form=(
        FormQuestion(name="ground", label=_l("Ground"), choices=GROUNDS),
        FormQuestion(
            name="why", label=_l("What is wrong, and what shows it"), rows=8, least=LEAST,
            hint=_l("At least %(least)s characters.", least=LEAST),
        ),
    ),
    steps=(
        StepKind(
            name="panel", label=_l("Answer of the panel"), body=PANEL, act=StepAct.OPINION, stage=1,
            days=ANSWER_DAYS, working_days=True, hint=DISCREET,
        ),
        StepKind(
            name="sponsor", label=_l("Answer of the sponsor"), body=RESPONDENT, act=StepAct.OPINION, stage=1,
            days=ANSWER_DAYS, working_days=True, hint=DISCREET,
        ),
        StepKind(
            name="council", label=_l("Vote of the council"), body=COUNCIL, act=StepAct.VOTE, stage=2,
            days=VOTE_DAYS, working_days=True, silence=OnSilence.REFUSES, quorum=QUORUM,
        ),
    ),
    consequences={
        CaseOutcome.GRANTED: _l(
            "The reviews of the proposal are set aside and new reviewers review it; then the awards are decided again,"
            " and a new version of the result is published. It begins once no other appeal is pending."
        ),
        CaseOutcome.PARTLY_GRANTED: _l(
            "The reviews stand. The awards are decided again, and a new version of the result is published. It begins"
            " once no other appeal is pending."
        ),
        CaseOutcome.REFUSED: _l("As far as this appeal is concerned, the decision stands."),
    },
    effects=dict.fromkeys(CaseOutcome, CARRY_OUT),
    withdrawal=CARRY_OUT,
    late_withdrawal=_l(
        "The vote of the council has begun: who withdraws now cannot appeal against this decision for this proposal"
        " again, and the votes cast so far stay closed."
    ),
    filed=services.hold,
    hides_filer_from=frozenset({PANEL}),  # who reviews does not learn whose proposal it is
    conflicts=conflicting,
    rests_on=contracts.rested_on,
)  # fmt: skip
KINDS = (APPEAL,)
