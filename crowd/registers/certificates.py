"""The certificate of an entry: a PDF in each language that says what is entered, and leads to where it is verified."""

from collections.abc import Sequence

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext

from crowd import clock, documents
from crowd.audit import Actor
from crowd.config import zone
from crowd.db import atomic, db
from crowd.documents import PdfDocument
from crowd.errors import Conflict, NotFound
from crowd.languages import LANGUAGES
from crowd.notifications.emails import in_locale
from crowd.notifications.kinds import path_to
from crowd.registers import queries
from crowd.registers.models import RegisterEntry
from crowd.registers.policy import can_download, can_view_whole
from crowd.registers.queries import EntryView, Shown
from crowd.registers.questions import HOLDERS
from crowd.registers.workflow import EntryState
from crowd.web.request_locale import platform_name
from crowd.web.templating import day

SUBJECT = RegisterEntry.__tablename__
_AGAIN = _l("Its certificate can be downloaded again once the entry is valid.")
WITHOUT = {  # what those who see all of an entry read instead, in states in which it has no certificate
    EntryState.SUSPENDED: _AGAIN,
    EntryState.EXPIRED: _AGAIN,
    EntryState.REVOKED: _l("A revoked entry has no certificate."),
}


@atomic
def make(entry_id: int, event: int) -> int:
    """Make the certificate as of an event of the entry, in every language; returns their number.

    None where the holder has deleted their account, or the certificate is there. The lock of the holder comes before
    everything that is read of them: an account that is deleted meanwhile would leave its certificate.
    """
    row = db.session.get(RegisterEntry, entry_id)
    if row is None:
        return 0
    HOLDERS().lock(row.holder_kind, row.holder_id)
    if any(one.version >= event for one in documents.of_row(SUBJECT, entry_id)):
        return 0
    shown = queries.view(row)
    if shown.holder.name is None:
        return 0
    for locale in LANGUAGES:
        with in_locale(locale, str(zone())):
            made = documents.render("certificate", _texts(shown), locale=locale, at=clock.db_now())
        documents.keep(SUBJECT, row.id, event, locale, made)
    return len(LANGUAGES)


def _texts(shown: EntryView) -> dict[str, object]:
    """What the certificate says, in the present language."""
    entry, name = shown.entry, shown.holder.name
    url = current_app.config["CROWD"].address + path_to("registers.verify_number", number=entry.number)
    rows = [(pgettext("register", "Register"), str(shown.kind.label)), (pgettext("register", "Number"), entry.number)]
    rows.append((_("Name"), str(name)))
    rows += [(str(field.label), field.text) for field in _certified(shown)]
    until = day(shown.valid_until) if shown.valid_until else _("No end is set")
    rows += [(_("Valid from"), day(entry.valid_from)), (_("Valid until"), until)]
    return {
        "title": _("Certificate"),
        "name": _("Certificate %(number)s: %(register)s", number=entry.number, register=str(shown.kind.label)),
        "number": entry.number,
        "platform": platform_name(),
        "statement": str(shown.kind.text),
        "rows": rows,
        "verify_title": _("Verify this certificate"),
        "verify": _("An entry can be suspended, revoked or renewed after this certificate was made. This page says "
                    "whether it is valid now:"),
        "url": url,
        "qr": documents.qr_code(url),
        "alt": _("QR code with the address of the page on which this number is verified: %(url)s", url=url),
        "digest_label": _("SHA-256 of the entry"),
        "digest": entry.digest,
    }  # fmt: skip


def _certified(shown: EntryView) -> list[Shown]:
    """The fields that stand on the certificate."""
    closed = not shown.kind.open_certificate
    return [one for one in shown.shown(whole=closed) if one.public or shown.kind.fields[one.name].certified]


def offered(actor: Actor | None, shown: EntryView) -> Sequence[PdfDocument]:
    """The certificates of an entry that the person may download now, one for each language."""
    may = can_download(actor, shown.entry, shown.state)
    return documents.of_row(SUBJECT, shown.entry.id) if may else []


def find(actor: Actor | None, register: str, number: str, locale: str) -> tuple[RegisterEntry, PdfDocument]:
    """The certificate of an entry in a language, for those who may download it. Raises NotFound: to others it is
    as if there were none; Conflict where the entry is not valid, to those who see all of it.
    """
    row = queries.access(actor, register, number)
    state = queries.last_event(row.id).state_at(clock.now())
    found = [one for one in documents.of_row(SUBJECT, row.id) if one.locale == locale]
    if found and state != EntryState.VALID and can_view_whole(actor, row):
        raise Conflict(WITHOUT[state])
    if not found or not can_download(actor, row, state):
        raise NotFound
    return row, found[0]
