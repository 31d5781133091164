"""The clauses about entering as the page of the contract shows them."""

from collections.abc import Iterable, Iterator

from flask_babel import gettext as _

from challenges.contract.clause import Clause
from challenges.entry.clause import Entrants, Readership
from challenges.entry.labels import AUDIENCES, ENTRANTS, Names
from crowd.canonical import Document
from crowd.file_kinds import megabytes


def groups(document: Document) -> Iterator[tuple[str, Iterable[Clause]]]:
    """Headings, each with its clauses; none about attachments and an NDA where there are none."""
    yield _("Who may enter"), [*_eligibility(document["eligibility"]), *_asked(document["asked"])]
    gated = list(_gated(document))
    if gated:
        yield _("Attachments and full text"), gated


def conditions(rule: Document) -> Iterator[tuple[str, str]]:
    """(name, text) of the conditions of who may enter, for pages and for the contract."""
    yield _("May enter"), str(ENTRANTS[rule["entrants"]])
    if rule["kinds"]:
        yield _("Kinds of organisations"), str(Names(rule["kinds"], "kinds"))
    if rule["ownership"]:
        yield _("Ownership of organisations"), str(Names(rule["ownership"], "ownership"))
    if rule["regions"]:
        text = _("%(regions)s, with all that lies in it", regions=str(Names(rule["regions"], "regions")))
        yield _("Regions of who enters"), text
    if rule["verified_only"]:
        yield _("Organisations"), _("Verified ones only")


def is_restricted(rule: Document) -> bool:
    """Whether not everybody may enter."""
    limited = rule["kinds"] or rule["ownership"] or rule["regions"] or rule["verified_only"]
    return bool(limited) or rule["entrants"] != Entrants.ANYONE


def _eligibility(rule: Document) -> Iterator[Clause]:
    keys = ("entrants", "kinds", "ownership", "regions", "verified_only")
    shown = iter(conditions(rule))
    for key in keys:
        if key == "entrants" or rule[key]:
            label, text = next(shown)
            yield Clause(f"eligibility.{key}", label, text)
    if rule["shares"] and is_restricted(rule):
        text = _(
            "Who has a share in a proposal belongs to the organisation that enters, or meets what is asked of people."
        )
        yield Clause("eligibility.shares", _("Shares"), text)
    if is_restricted(rule):
        yield Clause("eligibility.when", _("When it is checked"), _(
            "At the registration, of the organisation that enters or of the person who enters for themselves; and again"
            " when an award is chosen."
        ))  # fmt: skip


def _asked(asked: Document) -> Iterator[Clause]:
    for place, line in enumerate(asked["questions"]):
        label = _("Question at the registration") if line["required"] else _("Optional question at the registration")
        yield Clause(f"asked.questions.{place}", label, line["text"], own=True)
    for place, line in enumerate(asked["documents"]):
        label = _("Document at the registration") if line["required"] else _("Optional document at the registration")
        yield Clause(f"asked.documents.{place}", label, line["name"], own=True)
    if asked["questions"] or asked["documents"]:
        yield Clause("asked.readers", _("Who reads the answers"), _(
            "The sponsor and the service centre, with the name of who registered."
        ))  # fmt: skip


def _gated(document: Document) -> Iterator[Clause]:
    if document["nda"]:
        yield Clause("nda", _("NDA"), document["nda"], own=True, prose=True)
    if full_text := document["full_text"]:
        yield Clause("full_text", _("Full text"), _behind(full_text["audience"], full_text["sha256"]))
    for one in document["attachments"]:
        if one["audience"] == Readership.PUBLIC:
            text = f"{megabytes(one['size'])}\nSHA-256 {one['sha256']}"
            yield Clause(f"attachments.{one['id']}", one["name"], text)
        else:
            yield Clause(f"attachments.{one['id']}", _("Attachment"), _behind(one["audience"], one["sha256"]))


def _behind(audience: str, digest: str) -> str:
    who = AUDIENCES[audience]
    return _("To be read %(when)s. Salted SHA-256: %(digest)s", when=str(who), digest=digest)
