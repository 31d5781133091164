"""Pages of attachments and of the full text, the downloads, and the NDA."""

from flask import Blueprint, Response, flash, redirect, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from challenges import queries as challenges
from challenges.contract.queries import number_in_force
from challenges.entry import archive, gate, labels, package, queries, services
from challenges.entry.clauses import conditions, is_restricted
from challenges.entry.forms import NdaForm
from challenges.entry.models import Attachment, NdaSignature
from challenges.models import Challenge
from challenges.views import render_page
from crowd import files
from crowd.errors import NotFound
from crowd.file_names import as_attachment
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason

blueprint = Blueprint("materials", __name__)
blueprint.add_app_template_global(queries.public_files)
blueprint.add_app_template_global(queries.has_materials)
blueprint.add_app_template_filter(lambda challenge: list(conditions(challenge.entry)), "entry_conditions")
blueprint.add_app_template_filter(lambda challenge: is_restricted(challenge.entry), "entry_restricted")
blueprint.add_app_template_filter(lambda audience: labels.AUDIENCES[audience], "audience_name")


def attached(challenge_id: int, upload: FileStorage) -> Attachment:
    """A file of the editor, kept."""
    return services.attach(guards.person(), challenge_id, stream=upload.stream, filename=upload.filename or "")


def _number() -> int | None:
    """The version that the URL names, if any. Raises NotFound where that is no number."""
    text = arguments().text("version")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound
    return int(text) if text else None


@blueprint.get("/challenges/<int:challenge_id>/attachments")
@guards.public
def show(challenge_id: int) -> ResponseReturnValue:
    """What the reader may read of a version (`?version=2`), how it is checked, and what they may not read yet."""
    challenge, found = queries.materials(guards.actor(), challenge_id, _number())
    return render_page("challenges/materials.html", challenge, found=found, command=package.COMMAND)


@blueprint.get("/challenges/<int:challenge_id>/attachments/<public_id>")
@guards.public
def attachment(challenge_id: int, public_id: str) -> ResponseReturnValue:
    """Download an attachment."""
    return files.attachment(queries.get_attachment(guards.actor(), challenge_id, public_id).file)


@blueprint.get("/challenges/<int:challenge_id>/attachments/<public_id>/picture")
@guards.public
def picture(challenge_id: int, public_id: str) -> ResponseReturnValue:
    """An attachment that is a picture, for the page."""
    row = queries.get_attachment(guards.actor(), challenge_id, public_id)
    if not row.is_picture:
        raise NotFound
    return files.picture(row.file)


@blueprint.get("/challenges/<int:challenge_id>/full-text.md")
@guards.public
def full_text(challenge_id: int) -> ResponseReturnValue:
    """The full text, byte for byte as it is digested."""
    _challenge, found = queries.materials(guards.actor(), challenge_id, _number())
    if found.text is None:
        raise NotFound
    response = Response(gate.text_bytes(found.text.text), content_type="text/markdown; charset=utf-8")
    response.headers["Content-Disposition"] = as_attachment(package.TEXT)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.get("/challenges/<int:challenge_id>/attachments.zip")
@guards.public
def everything(challenge_id: int) -> ResponseReturnValue:
    """One ZIP of all that the reader may read of a version."""
    challenge, found = queries.materials(guards.actor(), challenge_id, _number())
    if not found.files and found.text is None:
        raise NotFound
    response = Response(stream_with_context(archive.stream(package.entries(found))), mimetype="application/zip")
    response.headers["Content-Disposition"] = as_attachment(f"challenge-{challenge.id}.zip")
    response.headers["Cache-Control"] = "private, no-store"
    return response


# ---- the NDA


@blueprint.route("/challenges/<int:challenge_id>/nda", methods=["GET", "POST"])
@guards.signed_in
@guards.sealed
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def nda(challenge_id: int) -> ResponseReturnValue:
    """The NDA: to be signed, and the copies of what the person has signed."""
    challenge = challenges.access(guards.actor(), challenge_id)
    if challenge.contract_version_id is None or not queries.has_nda(guards.actor(), challenge):
        raise NotFound
    form = NdaForm()
    if form.passes(lambda: _signed(challenge_id, form)):
        flash(_("You have signed the NDA. The copy is on this page."), "success")
        return redirect(url_for(".nda", challenge_id=challenge_id), 303)
    return _nda_page(challenge, form)


def _signed(challenge_id: int, form: NdaForm) -> NdaSignature:
    return services.sign(guards.person(), challenge_id, name=form.signature.data, contract=form.contract.data or 0)


def _nda_page(challenge: Challenge, form: NdaForm) -> ResponseReturnValue:
    form.contract.data = number_in_force(challenge.id)
    reader = queries.reader_of(guards.actor(), challenge)
    page = render_page(
        "challenges/nda.html",
        challenge,
        form=form,
        reader=reader,
        signed=queries.signed_copies(guards.person(), challenge),
        present=gate.nda_digest(challenge.nda),
    )
    return page, form.status
