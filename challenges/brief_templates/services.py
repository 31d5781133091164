"""Every write of templates, and of a draft that uses one: one transaction per operation."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from flask_babel import lazy_gettext as _

from challenges import brief as briefs
from challenges import policy as drafts_policy
from challenges import services as drafts
from challenges.brief import Brief
from challenges.brief_templates import policy, queries
from challenges.brief_templates.adoption import ADOPTION
from challenges.brief_templates.document import KIND, TemplateText, build, text_in
from challenges.brief_templates.models import BriefTemplate, TemplateKind
from challenges.contract.document import criterion_document
from challenges.criteria import CriterionLine
from challenges.criteria import errors as rubric_errors
from challenges.models import Challenge, TemplateBefore
from challenges.queries import access
from challenges.tiers import tier_of
from crowd import clock
from crowd.accounts.models import User
from crowd.audit import Actor, record
from crowd.canonical import canonical, read
from crowd.cases.services import file_case
from crowd.config import limits
from crowd.contracts import queries as contract_queries
from crowd.contracts import services as contracts
from crowd.contracts.models import ContractVersion
from crowd.contracts.workflow import ChangeClass
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, NotFound
from crowd.languages import ENGLISH, LANGUAGES
from crowd.reasons import required
from crowd.values import term

Texts = Mapping[str, TemplateText]  # by language

# ---- the operator


@atomic
def add(actor: Actor, kind: TemplateKind, texts: Texts, *, note: str = "") -> BriefTemplate:
    """Add a template; one of a rubric is offered once the expert committee has adopted it, for the reasons in `note`.

    Raises Forbidden, Invalid with messages by field, and for a rubric as filing a case does.
    """
    _check(actor, kind, texts)
    row = BriefTemplate(kind=kind)
    db.session.add(row)
    db.session.flush()
    document = build(row.id, kind, texts, number=1)
    record(actor, "template.added", row, title=texts[ENGLISH.locale].name)
    if kind == TemplateKind.RUBRIC:
        contracts.begin_proposed(actor, KIND, row.id, document, reason=required(note, "note"))
        _submit(actor, row, note)
    else:
        contracts.begin(actor, KIND, row.id, document, now=clock.db_now())
    return row


def _submit(actor: Actor, row: BriefTemplate, note: str) -> None:
    """Let the expert committee vote on the version that was just proposed."""
    if not isinstance(actor, User):
        raise Forbidden
    file_case(actor, ADOPTION, str(row.id), answers={"why": note.strip()})


@atomic
def edit(actor: Actor, template_id: int, texts: Texts, *, shown: int, note: str = "") -> ContractVersion:
    """Change a template: its next version, which drafts that used an earlier one do not follow. One of a rubric is
    proposed to the expert committee. `shown` is the number of the version that the person edited.

    Raises Forbidden, NotFound, Invalid, Conflict where another version is in force by now, one waits for the committee,
    or nothing differs, and for a rubric as filing a case does.
    """
    row = queries.get_template(template_id)
    _check(actor, row.kind, texts)
    db.session.refresh(row, with_for_update=True)
    present = queries.get_version(template_id, None)
    if present.number != shown:
        raise Conflict(_("Somebody else has changed this template since you opened it. Nothing was saved."))
    if contract_queries.find_proposed(KIND, row.id) is not None:
        raise Conflict(_("A version of this template waits for the expert committee. Nothing was saved."))
    number = contracts.next_number(KIND, row.id)
    document = build(row.id, row.kind, texts, number=number)
    if read(canonical(document))["texts"] == read(present.document)["texts"]:
        raise Conflict(_("Nothing has changed."))
    voted = row.kind == TemplateKind.RUBRIC
    reason = required(note, "note") if voted else note.strip()
    version = contracts.propose(actor, KIND, row.id, document, change_class=ChangeClass.CLERICAL, reason=reason)
    if voted:
        _submit(actor, row, note)
    else:
        contracts.put_in_force(version, now=clock.db_now())
    action = "template.proposed" if voted else "template.changed"
    record(actor, action, row, title=texts[ENGLISH.locale].name, version=number)
    return version


@atomic
def retire(actor: Actor, template_id: int) -> BriefTemplate:
    """Offer a template no longer; drafts that used it keep their text. Doing it again changes nothing."""
    row = _own(actor, template_id)
    if row.retired_at is None:
        row.retired_at = clock.db_now()
        record(actor, "template.retired", row)
    return row


@atomic
def restore(actor: Actor, template_id: int) -> BriefTemplate:
    """Offer a template again. Doing it again changes nothing."""
    row = _own(actor, template_id)
    if row.retired_at is not None:
        row.retired_at = None
        record(actor, "template.restored", row)
    return row


def _own(actor: Actor, template_id: int) -> BriefTemplate:
    if not policy.can_edit(actor):
        raise Forbidden
    row = queries.get_template(template_id)
    db.session.refresh(row, with_for_update=True)
    return row


def _check(actor: Actor, kind: TemplateKind, texts: Texts) -> None:
    if not policy.can_edit(actor):
        raise Forbidden
    briefs.refuse(_errors(kind, texts))


def _errors(kind: TemplateKind, texts: Texts) -> Iterator[briefs.Problem]:
    most = {TemplateKind.PROBLEM: limits().max_problem_statement_length}.get(kind, limits().max_reason_length)
    for locale in LANGUAGES:
        one = texts[locale]
        if not one.name.strip():
            yield f"name_{locale}", _("Give it a name in this language.")
        if kind == TemplateKind.RUBRIC:
            yield from ((f"criteria_{locale}", message) for message in _rubric_errors(one))
        elif not one.text.strip():
            yield f"text_{locale}", _("Write the text in this language.")
        elif len(one.text) > most:
            yield f"text_{locale}", _("This may have at most %(most)s characters.", most=most)
    shapes = [[_shape(line) for line in one.criteria] for one in texts.values()]
    if any(shape != shapes[0] for shape in shapes):
        message = _("The criteria must be scored and weighted alike in every language, in the same order.")
        yield f"criteria_{list(texts)[-1]}", message


def _rubric_errors(one: TemplateText) -> Iterator[object]:
    yield from rubric_errors(one.criteria, limits())
    weights = sum(line.weight for line in one.criteria)
    if weights != briefs.WHOLE:
        yield _("The weights of the criteria must add up to 100; they add up to %(sum)s.", sum=weights)


def _shape(line: CriterionLine) -> tuple[object, ...]:
    """What does not depend on the language."""
    numbers = (line.kind, line.weight, line.scale, line.step, line.passing)
    return (*numbers, line.comment_required, len(line.labels), len(line.anchors))


# ---- a draft


def is_written(brief: Brief, kind: TemplateKind) -> bool:
    """Whether this part of a draft has something that a template would replace."""
    parts = {
        TemplateKind.RUBRIC: brief.criteria,
        TemplateKind.PROBLEM: brief.problem_statement.strip(),
        TemplateKind.RIGHTS: brief.rights.strip(),
    }
    return bool(parts[kind])


@atomic
def begin(actor: Actor, organisation_id: int, *, brief: Brief) -> Challenge:
    """Begin a draft with what its tier usually has: the type, and the rubric where its template is offered."""
    usual = tier_of(brief.tier)
    challenge = drafts.create(actor, organisation_id, brief=replace(brief, type=usual.type))
    version = queries.find_offered(usual.rubric) if brief.tier else None
    return _insert(actor, challenge, TemplateKind.RUBRIC, version) if version else challenge


@atomic
def use(
    actor: Actor, challenge_id: int, kind: TemplateKind, template_id: int, *, base: datetime | None = None
) -> Challenge:
    """Insert a template into a draft, in the draft's language; what was there before can be brought back by `undo`.

    `base` is the `changed_at` of the draft that the person saw. Raises Conflict where the draft has changed since or is
    none, where the template is not offered any more; NotFound.
    """
    challenge = _draft(actor, challenge_id, base)
    template = queries.get_template(template_id)
    if template.kind != kind:
        raise NotFound
    if template.retired_at is not None:
        raise Conflict(_("This template is no longer offered."))
    return _insert(actor, challenge, kind, queries.get_version(template_id, None))


@atomic
def undo(actor: Actor, challenge_id: int, kind: TemplateKind) -> Challenge:
    """Bring back what a part of a draft had before a template was inserted. Raises Conflict where none was."""
    challenge = _draft(actor, challenge_id, None)
    used = challenge.templates.get(kind.value)
    if used is None:
        raise Conflict(_("No template was inserted here."))
    before = used["before"]
    text = TemplateText(name="", text=before["text"], criteria=[CriterionLine(**line) for line in before["criteria"]])
    drafts.edit(actor, challenge.id, changes=_changes(kind, text))
    challenge.templates = {name: held for name, held in challenge.templates.items() if name != kind.value}
    record(actor, "challenge.template_undone", challenge, part=term(kind, "template_kind"))
    return challenge


def _draft(actor: Actor, challenge_id: int, base: datetime | None) -> Challenge:
    challenge = access(actor, challenge_id, to=drafts_policy.can_edit, lock=True)
    if not challenge.is_draft:
        raise Conflict(drafts.locked(challenge))
    if base is not None and base != challenge.changed_at:
        raise Conflict(_("The draft was changed since you opened this page. Look at it again; nothing was inserted."))
    return challenge


def _insert(actor: Actor, challenge: Challenge, kind: TemplateKind, version: ContractVersion) -> Challenge:
    brief = briefs.from_challenge(challenge)
    text = {TemplateKind.PROBLEM: brief.problem_statement, TemplateKind.RIGHTS: brief.rights}.get(kind, "")
    lines = brief.criteria if kind == TemplateKind.RUBRIC else ()
    before: TemplateBefore = {"text": text, "criteria": [criterion_document(line) for line in lines]}
    drafts.edit(actor, challenge.id, changes=_changes(kind, text_in(read(version.document), challenge.language)))
    challenge.templates = {**challenge.templates, kind.value: {"version": version.id, "before": before}}
    template, number = version.contract.subject_id, version.number
    record(
        actor, "challenge.template_used", challenge, part=term(kind, "template_kind"), template=template, version=number
    )
    return challenge


def _changes(kind: TemplateKind, text: TemplateText) -> briefs.Changes:
    """This part of a brief, as a template has it."""
    if kind == TemplateKind.RUBRIC:
        return {"criteria": text.criteria}
    return {"problem_statement" if kind == TemplateKind.PROBLEM else "rights": text.text}
