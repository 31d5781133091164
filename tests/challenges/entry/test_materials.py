"""Attachments and the full text: who reads them in which state, what the document has, and what a change leaves."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa

from challenges.contract import projection
from challenges.contract import queries as contracts
from challenges.contract.document import read_document
from challenges.entry import gate, queries
from challenges.entry import services as entry
from challenges.entry.clause import AttachmentLine
from challenges.entry.models import NdaSignature
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd.audit import SYSTEM
from crowd.config import ROOT
from crowd.contracts.workflow import ChangeClass
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from scoring import services as scoring
from submissions import services as submissions
from submissions.shares import services as shares
from tests import factories
from tests.cast import Cast
from tests.challenges.entry import gated
from tests.challenges.entry.gated import PUBLIC, REGISTERED, SECRET, SIGNED

EVERYBODY = (None, "dee", "bo", "bea", "nils", "ada", "abe", "eve", "cy", "fen", "gu", "aud", "adm")
ALL = {PUBLIC, REGISTERED, SIGNED, "text"}


def reads(person: Any, challenge: Challenge, number: int | None = None) -> set[str]:
    """What a person reads of a version: the audiences of the files, and `text`. By both ways to a file."""
    try:
        _challenge, found = queries.materials(person, challenge.id, number)
    except NotFound:
        return set()
    for row, _audience in found.files:
        assert queries.get_attachment(person, challenge.id, row.public_id).public_id == row.public_id
    if number is None:
        hidden = set(found.shelf.attachments) - {row.public_id for row, _audience in found.files}
        for one in hidden:
            with pytest.raises(NotFound):
                queries.get_attachment(person, challenge.id, one)
    return {audience for _row, audience in found.files} | ({"text"} if found.text else set())


def shared(names: Iterable[str | None], what: set[str]) -> dict[str | None, set[str]]:
    return dict.fromkeys(names, what)


def matrix(cast: Cast, challenge: Challenge) -> dict[str | None, set[str]]:
    return {name: reads(getattr(cast, name) if name else None, challenge) for name in EVERYBODY}


def test_who_reads_what_in_each_state(cast: Cast) -> None:
    challenge = gated.draft(cast)
    office = shared(("ada", "abe"), ALL)
    assert matrix(cast, challenge) == shared(EVERYBODY, set()) | office
    lifecycle.submit(cast.ada, challenge.id)
    staff = shared(("fen", "gu", "aud", "adm"), {PUBLIC})
    office |= {"eve": ALL}
    assert matrix(cast, challenge) == shared(EVERYBODY, set()) | staff | office
    factories.approve(cast.eve, challenge.id)
    factories.pay_in(cast, cast.luoyang, challenge.cost)
    lifecycle.fund(cast.ada, challenge.id)
    assert matrix(cast, challenge) == shared(EVERYBODY, {PUBLIC}) | office
    for person in (cast.bo, cast.bea):
        gated.register(person, challenge)
    gated.sign(cast.bo, challenge)
    expected = shared(EVERYBODY, {PUBLIC}) | office | {"bo": ALL, "bea": {PUBLIC, REGISTERED}}
    assert matrix(cast, challenge) == expected
    assert cast.reviewers()
    _propose(cast, challenge)
    factories.closed(cast, challenge)
    assert matrix(cast, challenge) == expected, "nobody reviews yet"
    scoring.form_panel(SYSTEM, challenge.id)
    assert matrix(cast, challenge) == expected | {"cy": ALL}


def _propose(cast: Cast, challenge: Challenge) -> None:
    row = submissions.start(cast.bo, challenge.id)
    submissions.save(cast.bo, row.id, title="Two geophones", abstract="Short.", body="Long.")
    submissions.submit(cast.bo, row.id)


def test_who_withdraws_the_registration_reads_no_more(cast: Cast) -> None:
    challenge = gated.opened(cast)
    gated.register(cast.bo, challenge)
    gated.sign(cast.bo, challenge)
    submissions.unregister(cast.bo, challenge.id)
    assert reads(cast.bo, challenge) == {PUBLIC}


def test_a_team_mate_signs_for_themselves(cast: Cast) -> None:
    challenge = gated.opened(cast)
    gated.register(cast.bo, challenge)
    gated.sign(cast.bo, challenge)
    proposal = submissions.start(cast.bo, challenge.id)
    shares.set_shares(cast.bo, proposal.id, own=6000, others=[(cast.dee.email, 4000)])
    assert reads(cast.dee, challenge) == {PUBLIC}, "who has not agreed to their share takes no part yet"
    with pytest.raises(Forbidden):
        gated.sign(cast.dee, challenge)
    shares.agree_share(cast.dee, proposal.id)
    assert reads(cast.dee, challenge) == {PUBLIC, REGISTERED}
    gated.sign(cast.dee, challenge)
    assert reads(cast.dee, challenge) == ALL


def test_an_owner_of_the_agency_takes_part_with_it(cast: Cast) -> None:
    staff = factories.user("Ned", member_of=cast.northlight)
    challenge = gated.opened(cast)
    gated.register(staff, challenge, organisation_id=cast.northlight.id)
    gated.sign(staff, challenge)
    assert reads(cast.nils, challenge) == {PUBLIC, REGISTERED}
    gated.sign(cast.nils, challenge)
    assert reads(cast.nils, challenge) == ALL


# ---- the document


def test_the_document_has_digests_and_nothing_else_of_what_is_gated(cast: Cast) -> None:
    challenge = gated.opened(cast)
    version = contracts.in_force(challenge)
    document = json.loads(version.document)
    jsonschema.validate(document, json.loads((ROOT / "docs/schemas/crowd.contract-3.json").read_text("utf-8")))
    for gone in (SECRET, "canary", "管网", challenge.gate_key):
        assert gone not in version.document.decode()
    rows = {row.public_id: row for row in queries.attachments_of(challenge.id).values()}
    public, registered, signed = document["attachments"]
    assert public == {
        "id": gated.file_for(challenge, PUBLIC), "audience": "public", "name": "plan.png",
        "size": len(gated.SENT[PUBLIC][1]), "sha256": hashlib.sha256(gated.SENT[PUBLIC][1]).hexdigest(),
    }  # fmt: skip
    for one, audience in ((registered, REGISTERED), (signed, SIGNED)):
        salt = bytes.fromhex(rows[one["id"]].salt)
        assert one["sha256"] == hashlib.sha256(salt + gated.SENT[audience][1]).hexdigest()
        assert one.keys() == {"id", "audience", "sha256"}
    _challenge, found = queries.materials(cast.ada, challenge.id)
    assert found.text is not None
    salted = hashlib.sha256(bytes.fromhex(found.text.salt) + SECRET.encode())
    assert document["full_text"] == {"audience": "nda", "sha256": salted.hexdigest()}


def test_a_row_that_differs_from_the_contract_is_found(cast: Cast) -> None:
    challenge = gated.opened(cast)
    assert projection.findings() == []
    db.session.execute(sa.update(Challenge).where(Challenge.id == challenge.id).values(full_text="Something else."))
    (found,) = projection.findings()
    assert "full_text" in str(found)


def test_the_salt_of_a_text_is_the_same_in_every_version_and_another_for_another_text() -> None:
    key, other = "ab" * 32, "cd" * 32
    assert gate.text_salt(key, "é") == gate.text_salt(key, "é"), "in NFC"
    assert len({gate.text_salt(key, "a"), gate.text_salt(key, "b"), gate.text_salt(other, "a")}) == 3


# ---- the NDA


def test_a_signature_names_the_version_and_cannot_be_changed(cast: Cast) -> None:
    challenge = gated.opened(cast)
    gated.register(cast.bo, challenge)
    with pytest.raises(Invalid):
        entry.sign(cast.bo, challenge.id, name="  ", contract=1)
    with pytest.raises(Conflict):
        entry.sign(cast.bo, challenge.id, name="Bo", contract=2)
    row = entry.sign(cast.bo, challenge.id, name="Bo Lind", contract=1)
    assert (row.name, row.version_id) == ("Bo Lind", contracts.in_force(challenge).id)
    assert row.digest == hashlib.sha256(gated.NDA.encode()).hexdigest()
    with pytest.raises(Conflict):
        entry.sign(cast.bo, challenge.id, name="Bo", contract=1)
    for statement in (sa.update(NdaSignature).values(name="Somebody"), sa.delete(NdaSignature)):
        with pytest.raises(sa.exc.DBAPIError), db.session.begin_nested():
            db.session.execute(statement)


def test_a_changed_nda_is_signed_again_before_anything_more_is_read(cast: Cast) -> None:
    challenge = gated.opened(cast)
    gated.register(cast.bo, challenge)
    gated.sign(cast.bo, challenge)
    assert gated.amend(cast, challenge, rights="A transfer.").change_class == ChangeClass.MATERIAL
    assert reads(cast.bo, challenge) == ALL, "another change leaves the signature"
    assert gated.amend(cast, challenge, nda="For ten years.").change_class == ChangeClass.MATERIAL
    assert reads(cast.bo, challenge) == {PUBLIC, REGISTERED}
    gated.sign(cast.bo, challenge)
    assert reads(cast.bo, challenge) == ALL


# ---- a change


def test_files_of_a_replaced_version_stay_for_those_who_could_read_it(cast: Cast) -> None:
    challenge = gated.opened(cast)
    gated.register(cast.bo, challenge)
    gated.register(cast.nils, challenge)
    gated.sign(cast.bo, challenge)
    old = {audience: gated.file_for(challenge, audience) for audience in (PUBLIC, REGISTERED, SIGNED)}
    fresh = gated.attach(cast.ada, challenge, "plan.png", gated.SENT[PUBLIC][1] + b"\0").public_id
    changed = gated.amend(cast, challenge, full_text="Hall 5.", attachments=[AttachmentLine(id=fresh, audience=SIGNED)])
    assert changed.change_class == ChangeClass.MATERIAL
    gated.register(cast.bea, challenge)
    gated.sign(cast.bea, challenge)
    assert queries.get_attachment(None, challenge.id, old[PUBLIC]).name == "plan.png"
    for person, readable in ((cast.bo, {REGISTERED, SIGNED}), (cast.nils, {REGISTERED}), (cast.bea, set())):
        for audience in (REGISTERED, SIGNED):
            if audience in readable:
                assert queries.get_attachment(person, challenge.id, old[audience])
            else:
                with pytest.raises(NotFound):
                    queries.get_attachment(person, challenge.id, old[audience])
    assert reads(cast.bo, challenge, 1) == ALL
    assert reads(cast.bea, challenge, 1) == {PUBLIC}, "who came later reads the version in force"
    assert reads(cast.bea, challenge) == {SIGNED, "text"}
    _challenge, found = queries.materials(cast.bo, challenge.id, 1)
    assert found.text is not None
    assert found.text.text == SECRET
    assert projection.findings() == []


def test_adding_replacing_and_removing_are_material(cast: Cast) -> None:
    challenge = gated.opened(cast)
    kept = list(contracts.brief_in_force(challenge).attachments)
    fresh = AttachmentLine(id=gated.attach(cast.ada, challenge, "more.txt", b"more").public_id)
    for attachments in ([*kept, fresh], [fresh, *kept[1:]], kept[1:]):
        assert gated.amend(cast, challenge, attachments=attachments).change_class == ChangeClass.MATERIAL


def test_an_attachment_of_another_challenge_is_refused(cast: Cast) -> None:
    challenge, other = gated.opened(cast), gated.draft(cast)
    foreign = AttachmentLine(id=gated.file_for(other, SIGNED), audience=PUBLIC)
    with pytest.raises(Invalid):
        gated.amend(cast, challenge, attachments=[foreign])
    with pytest.raises(NotFound):
        queries.get_attachment(cast.eve, challenge.id, foreign.id)
    assert read_document(contracts.in_force(challenge).document)["attachments"]
