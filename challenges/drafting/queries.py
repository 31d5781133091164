"""Reads of a draft."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask_babel import gettext as _

from challenges import brief as briefs
from challenges.brief import Brief, Changes
from challenges.brief_templates.models import TemplateKind
from challenges.brief_templates.queries import Used, used_in
from challenges.contract.clause import Clause, ClauseGroup
from challenges.contract.clauses import ClauseChange, changed_clauses, sections
from challenges.contract.draft import draft_document
from challenges.drafting.steps import Gap, Step, gaps
from challenges.entry.document import attachments_of
from challenges.entry.models import Attachment
from challenges.models import Challenge
from challenges.rule_set import rule_limits
from challenges.screening import rounds
from crowd import clock
from crowd.errors import Invalid


def gaps_of(challenge: Challenge) -> list[Gap]:
    """What is missing in a draft as it is saved, and the remarks of the screening that are not resolved."""
    missing = briefs.gaps(briefs.from_challenge(challenge), rule_limits(), clock.now())
    return gaps([*missing, *rounds.open_remarks(challenge)])


def template_of(challenge: Challenge, step: Step) -> Used | None:
    """The template with which this step of a draft began; None where there is none."""
    kinds = {kind.value: kind for kind in TemplateKind}
    return used_in(challenge, kinds[step.name]) if step.name in kinds else None


def kept_files(challenge: Challenge, step: Step) -> Mapping[str, Attachment]:
    """The files of a draft by their public ids, for the step that shows them."""
    return attachments_of(challenge.id) if "attachments" in step.fields else {}


def typed_over(challenge: Challenge, changes: Changes) -> list[ClauseChange]:
    """What somebody has saved meanwhile against what another person typed, clause by clause; nothing where what was
    typed is no brief.
    """
    saved = briefs.from_challenge(challenge)
    try:
        return changed_clauses(*(_page(challenge, brief) for brief in (saved, replace(saved, **changes))))
    except Invalid:
        return []


def _page(challenge: Challenge, brief: Brief) -> Sequence[ClauseGroup]:
    """Its clauses; the full text itself stands in place of its digest."""
    full_text = Clause("full_text", _("Full text"), brief.full_text, own=True)
    return [*sections(draft_document(challenge, brief)), ClauseGroup(_("Full text"), [full_text])]
