"""Every kind of case that a package declares is carried over HTTP to both of its outcomes by a test."""

from collections.abc import Callable
from typing import Any

import pytest

from challenges.brief_templates.adoption import ADOPTION
from challenges.screening.names import OPINION
from crowd.accounts import experts
from crowd.accounts.complaints import KIND as COMPLAINT
from crowd.accounts.verification.queries import KIND as VERIFICATION
from crowd.errors import Forbidden, NotFound
from crowd.feature import declared
from crowd.registers.inspections import INSPECTION
from crowd.service_platforms.names import KIND as SERVICE_PLATFORM
from crowd.small_firms.kinds import APPLICATION, OBJECTION
from crowd.technology_contracts.kinds import OF_ORGANISATION, OF_PERSON
from scoring.appeals.queries import KIND as APPEAL
from scoring.integrity.queries import OF_PROPOSAL, OF_REVIEWER
from scoring.silence.kind import KIND as SILENT_SPONSOR
from submissions.mediation import KIND as MEDIATION
from tests.cast import Cast
from tests.challenges import test_rubric_adoption as rubrics
from tests.challenges.screening import test_opinions as opinions
from tests.crowd.accounts import test_complaints as complaints
from tests.crowd.accounts import test_sanctions as sanctions
from tests.crowd.cases import test_experts as of_experts
from tests.crowd.cases import test_reports as reports
from tests.crowd.cases import test_verification as verification
from tests.crowd.registers import test_inspections as inspections
from tests.crowd.rules import test_changes as rules
from tests.crowd.service_platforms import test_journeys as platforms
from tests.crowd.small_firms import test_journeys as small_firms
from tests.crowd.technology_contracts import test_journeys as contracts
from tests.scoring.appeals import test_pages as appeals
from tests.scoring.integrity import test_pages as integrity
from tests.scoring.silence import test_cases as silence
from tests.submissions import test_mediation as mediation

Journey = Callable[..., Any]
# By kind: the test in which it is granted, and the one in which it is refused.
JOURNEYS: dict[str, tuple[Journey, Journey]] = {
    **dict.fromkeys(reports.JOURNEYS, (reports.test_from_the_link_to_the_effect, reports.test_refused_over_http)),
    **dict.fromkeys(
        (OF_ORGANISATION, OF_PERSON),
        (
            contracts.test_from_the_application_to_the_certificate,
            contracts.test_refused_with_reasons_corrected_and_filed_again,
        ),
    ),
    APPLICATION: (
        small_firms.test_a_firm_is_published_and_entered,
        small_firms.test_nobody_ends_the_time_for_objections_with_a_yes,
    ),
    OBJECTION: (
        small_firms.test_an_objection_is_upheld_before_or_after_the_entry,
        small_firms.test_an_objection_that_is_refused_changes_nothing,
    ),
    VERIFICATION: (verification.test_from_the_page_to_the_entry, verification.test_refused_nothing_changes),
    experts.ADMISSION: (of_experts.test_applied_and_admitted, of_experts.test_applied_and_refused),
    experts.NOMINATION: (
        of_experts.test_nominated_accepted_and_admitted,
        of_experts.test_who_does_not_accept_is_not_voted_on,
    ),
    experts.MEASURE: (of_experts.test_serving_then_suspended_or_removed,) * 2,
    **dict.fromkeys(
        sanctions.JOURNEYS[:2],
        (
            sanctions.test_a_suspension_begins_after_the_time_for_an_appeal_and_ends_by_itself,
            sanctions.test_what_the_council_refuses_leaves_nothing,
        ),
    ),
    sanctions.JOURNEYS[2]: (sanctions.test_an_appeal_is_decided_by_others_and_nothing_begins_before,) * 2,
    APPEAL: (
        appeals.test_upheld_three_to_one_with_a_recusal_and_reviewed_again,
        appeals.test_refused_the_settlement_goes_on,
    ),
    SERVICE_PLATFORM: (
        platforms.test_two_sign_one_is_silent_and_it_is_entered,
        platforms.test_with_one_signature_or_one_no_nothing_is_entered,
    ),
    COMPLAINT: (
        complaints.test_upheld_it_stands_on_the_public_page_for_a_time,
        complaints.test_in_part_or_refused_the_page_says_nothing,
    ),
    OPINION: (
        opinions.test_the_opinion_stands_in_the_screening_which_goes_on,
        opinions.test_with_a_no_the_challenge_returns_to_its_sponsor,
    ),
    OF_PROPOSAL: (
        integrity.test_a_proposal_is_disqualified_before_the_decision,
        integrity.test_refused_nothing_changes,
    ),
    OF_REVIEWER: (
        integrity.test_a_reviewer_with_an_undeclared_conflict_is_replaced,
        integrity.test_a_reviewer_stays_where_the_case_is_refused,
    ),
    SILENT_SPONSOR: (silence.test_the_contract_is_carried_out, silence.test_the_sponsor_decides_after_all),
    **dict.fromkeys(
        rules.JOURNEYS, (rules.test_from_the_proposal_to_the_version_in_force, rules.test_refused_the_rules_stay)
    ),
    ADOPTION: (rubrics.test_adopted_it_is_in_use_for_new_drafts, rubrics.test_refused_the_template_stays),
    MEDIATION: (mediation.test_the_author_asks_and_both_agree, mediation.test_the_sponsor_asks_and_nothing_is_agreed),
    INSPECTION: (inspections.test_an_entry_is_inspected, inspections.test_an_entry_is_inspected),
}


def test_every_kind_that_is_declared_has_a_journey_to_each_outcome() -> None:
    assert set(JOURNEYS) == set(declared().case_kinds)


@pytest.mark.parametrize("key", ["0", "-1", "x", "１２", "9" * 19, "9" * 40])
def test_a_key_that_names_no_row_files_nothing(cast: Cast, key: str) -> None:
    for kind in declared().case_kinds.values():
        with pytest.raises((NotFound, Forbidden)):
            kind.subject(cast.eve, key)
