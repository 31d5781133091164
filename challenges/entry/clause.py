"""The clauses about entering, as lines of the brief, as the challenge's row has them, and as the document does.

In the document stands of what not everybody may read only the audience and SHA-256(salt || bytes).
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _

from crowd.accounts.organisations.rights import ANSWERS, OrganisationKind
from crowd.canonical import Document
from crowd.errors import Sentence
from crowd.limits import Limits
from crowd.taxonomy.schemes import AGENCY_KIND, OWNERSHIP_KIND, REGION
from crowd.taxonomy.vocabulary import current


class Entrants(StrEnum):
    """On whose behalf somebody may register."""

    ANYONE = "anyone"
    PEOPLE = "people"
    ORGANISATIONS = "organisations"


class Readership(StrEnum):
    """Who may read an attachment or the full text."""

    PUBLIC = "public"
    REGISTERED = "registration"
    SIGNED = "nda"


GATED = (Readership.REGISTERED, Readership.SIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionLine:
    """A question that is answered at the registration."""

    text: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """A document that is given at the registration."""

    name: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentLine:
    """An attachment by its public id, and who may read it."""

    id: str
    audience: str = Readership.PUBLIC


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryClauses:
    """What a brief says of entering. `kinds`, `ownership` and `regions` are codes, empty for all; `full_text` is what
    only the audience `full_text_for` reads.
    """

    entrants: str = Entrants.ANYONE
    kinds: Sequence[str] = ()
    ownership: Sequence[str] = ()
    regions: Sequence[str] = ()
    verified_only: bool = False
    questions: Sequence[QuestionLine] = ()
    documents: Sequence[DocumentLine] = ()
    nda: str = ""
    full_text: str = ""
    full_text_for: str = Readership.REGISTERED
    attachments: Sequence[AttachmentLine] = ()


ELIGIBILITY: Document = {
    "entrants": Entrants.ANYONE.value, "kinds": [], "ownership": [], "regions": [], "verified_only": False,
}  # fmt: skip
NOTHING: Document = {  # what the row of a challenge has without any of this
    **ELIGIBILITY, "questions": [], "documents": [], "full_text_for": "", "attachments": [],
}  # fmt: skip
# What schema 2 added to schema 1.
ADDED: Document = {
    "eligibility": {**ELIGIBILITY, "shares": False}, "asked": {"questions": [], "documents": []}, "nda": "",
    "full_text": None, "attachments": [],
}  # fmt: skip


def stored(brief: EntryClauses) -> Document:
    """The clauses as the challenge's row has them; the audience of the full text where there is one."""
    return {
        "entrants": str(brief.entrants),
        "kinds": list(brief.kinds),
        "ownership": list(brief.ownership),
        "regions": list(brief.regions),
        "verified_only": brief.verified_only,
        "questions": [asdict(line) for line in brief.questions],
        "documents": [asdict(line) for line in brief.documents],
        "full_text_for": str(brief.full_text_for) if brief.full_text else "",
        "attachments": [{"id": line.id, "audience": str(line.audience)} for line in brief.attachments],
    }


def read(held: Document) -> Document:
    """The fields of a brief that the challenge's row has in this form."""
    return {
        **held,
        "full_text_for": held["full_text_for"] or Readership.REGISTERED.value,
        "questions": [QuestionLine(**line) for line in held["questions"]],
        "documents": [DocumentLine(**line) for line in held["documents"]],
        "attachments": [AttachmentLine(**line) for line in held["attachments"]],
    }


def read_clauses(document: Document) -> Document:
    """The fields of a brief that a version has. The full text is not in the document: the caller adds it."""
    full_text = document["full_text"]
    return {
        **{name: document["eligibility"][name] for name in ELIGIBILITY},
        "questions": [QuestionLine(**line) for line in document["asked"]["questions"]],
        "documents": [DocumentLine(**line) for line in document["asked"]["documents"]],
        "nda": document["nda"],
        "full_text_for": full_text["audience"] if full_text else Readership.REGISTERED.value,
        "attachments": [AttachmentLine(id=one["id"], audience=one["audience"]) for one in document["attachments"]],
    }


def projected(document: Document) -> Document:
    """The clauses as the challenge's row has them, from a version."""
    full_text = document["full_text"]
    return {
        **{name: document["eligibility"][name] for name in ELIGIBILITY},
        **document["asked"],
        "full_text_for": full_text["audience"] if full_text else "",
        "attachments": [{"id": one["id"], "audience": one["audience"]} for one in document["attachments"]],
    }


# ---- what is offered


def kinds() -> list[str]:
    """The kinds of organisations that may be chosen: those that answer challenges, and the kinds of agencies."""
    agencies = [f"{OrganisationKind.AGENCY}:{term.code}" for term in current().all(AGENCY_KIND)]
    return [str(OrganisationKind.AGENCY), *agencies, *(str(one) for one in ANSWERS if one != OrganisationKind.AGENCY)]


def ownership() -> list[str]:
    """The codes of the kinds of ownership that may be chosen."""
    return [term.code for term in current().all(OWNERSHIP_KIND)]


# ---- what a draft may not have, and what it lacks


def errors(brief: EntryClauses, limits: Limits) -> Iterator[tuple[str, Sentence]]:
    """(field, message) of what no draft may have."""
    if len(brief.questions) > limits.registration_questions:
        yield "questions", _("There may be at most %(number)s questions.", number=limits.registration_questions)
    if len(brief.documents) > limits.registration_documents:
        yield "documents", _("There may be at most %(number)s documents.", number=limits.registration_documents)
    if len(brief.attachments) > limits.attachments:
        yield "attachments", _("There may be at most %(number)s attachments.", number=limits.attachments)
    if not _distinct([line.text for line in brief.questions]):
        yield "questions", _("Every question needs words of its own.")
    if not _distinct([line.name for line in brief.documents]):
        yield "documents", _("Every document needs a name of its own.")
    if not _distinct([line.id for line in brief.attachments]):
        yield "attachments", _("An attachment is in the list twice.")
    for field, most in (("nda", limits.max_nda_length), ("full_text", limits.max_problem_statement_length)):
        if len(getattr(brief, field)) > most:
            yield field, _("This may have at most %(most)s characters.", most=most)
    yield from _unknown(brief)


def _distinct(texts: Sequence[str]) -> bool:
    """Whether none is empty, and none stands there twice."""
    return all(text.strip() for text in texts) and len(set(texts)) == len(texts)


def _unknown(brief: EntryClauses) -> Iterator[tuple[str, Sentence]]:
    known = current()
    places = [
        ("entrants", brief.entrants in tuple(Entrants)),
        ("kinds", all(_is_kind(code) for code in brief.kinds)),
        ("ownership", all(known.get(OWNERSHIP_KIND, code) for code in brief.ownership)),
        ("regions", all(known.get(REGION, code) for code in brief.regions)),
        ("full_text_for", brief.full_text_for in GATED),
        ("attachments", all(line.audience in tuple(Readership) for line in brief.attachments)),
    ]
    for field, right in places:
        if not right:
            yield field, _("Choose one of the options.")


def _is_kind(code: str) -> bool:
    kind, _colon, agency = code.partition(":")
    if not agency:
        return kind in map(str, ANSWERS)
    return kind == OrganisationKind.AGENCY and current().get(AGENCY_KIND, agency) is not None


def gaps(brief: EntryClauses) -> Iterator[tuple[str, Sentence]]:
    """(field, message) of what does not fit together: no clause stands in a contract without an effect."""
    if brief.entrants == Entrants.PEOPLE and (brief.kinds or brief.ownership or brief.verified_only):
        yield "entrants", _("Only people may enter, so conditions for organisations have no effect: leave them out.")
    behind = bool(brief.full_text.strip()) and brief.full_text_for == Readership.SIGNED
    behind = behind or any(line.audience == Readership.SIGNED for line in brief.attachments)
    if behind and not brief.nda.strip():
        yield "nda", _("Something is to be read after the NDA only: write the NDA.")
    if brief.nda.strip() and not behind:
        yield "nda", _("Nothing is behind the NDA: put the full text or an attachment behind it, or leave it out.")
