"""A URL for each page of the platform: for every endpoint that accepts GET, a person and a row.

`who` is a key of a persona, or an SQL query for an email address (None: signed out). `values` are the
URL's values: an SQL query whose columns have their names (`:me` is the id of the person), or a
function of the platform that creates what the demonstration lacks. `kind` is the response: a page, a fragment, a
download, an API response, a feed, a redirect, or nothing (what an installation must switch on). `more` are
more variants of the same endpoint.
"""

import hashlib
import io
import json
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_security.change_email import _generate_token
from flask_security.recoverable import generate_reset_password_token

from challenges.drafting.steps import STEPS, Step
from challenges.funding import services as funding
from challenges.importing import services as importing
from challenges.invitations.models import ChallengeInvitation
from challenges.invitations.tokens import token_of
from challenges.models import Challenge
from crowd.accounts.models import User
from crowd.audit import SYSTEM
from crowd.clock import now
from crowd.db import db
from crowd.feeds import queries as calendars
from crowd.notifications import unsubscribing
from submissions import services as submissions
from tests.browser.running import Platform
from tests.challenges.importing import samples

Values = str | Callable[[Platform], dict[str, Any]] | None
PICTURE = bytes.fromhex(  # one white pixel
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fe0dc34b9a0000000049454e44ae426082"
)
PAGE, PIECE, FILE, API, FEED, ELSEWHERE, ABSENT = "page", "piece", "file", "api", "feed", "elsewhere", "absent"
SHOWN = "shown"  # a picture for a page


ENTRIES = "FROM register_entry e JOIN register_event v ON v.entry_id = e.id"


def _entry(register: str, kind: str, columns: str = "register, number") -> str:
    """The values of an entry of a register to which this has happened last."""
    last = "v.number = (SELECT max(number) FROM register_event WHERE entry_id = e.id)"
    wanted = ", ".join(f"e.{column}" for column in columns.split(", "))
    return f"SELECT {wanted} {ENTRIES} WHERE {last} AND e.register = '{register}' AND v.kind = '{kind}' LIMIT 1"


@dataclass(frozen=True)
class Look:
    """One person at one URL."""

    who: str | None = None
    values: Values = None
    kind: str = PAGE
    query: str = ""
    more: "tuple[Look, ...]" = field(default=())

    def person_on(self, platform: Platform) -> str | None:
        """The person: a key of a persona, or an email address."""
        if self.who and self.who.startswith("SELECT"):
            return str(platform.value(self.who))
        return self.who

    def values_on(self, platform: Platform) -> dict[str, Any]:
        """The values of the URL, found in the platform's database."""
        if self.values is None:
            return {}
        if callable(self.values):
            with platform.alone():
                return self.values(platform)
        person = self.person_on(platform)
        me = platform.id_of(person) if person else 0
        found = platform.rows(self.values, me=me) if ":me" in self.values else platform.rows(self.values)
        assert found, f"nothing in the demonstration answers {self.values!r} for {self.who}"
        return dict(found[0]._mapping)

    def path_on(self, platform: Platform, endpoint: str) -> str:
        """The path of the URL."""
        with platform.app.test_request_context():
            path = url_for(endpoint, **self.values_on(platform))
        return path + (f"?{self.query}" if self.query else "")


def _challenge(condition: str, name: str = "challenge_id") -> str:
    return f"SELECT id AS {name} FROM challenge WHERE {condition} ORDER BY id LIMIT 1"


def _mine(state: str, name: str = "challenge_id") -> str:
    return (
        f"SELECT c.id AS {name} FROM challenge c JOIN membership m USING (organisation_id) "
        f"WHERE m.user_id = :me AND c.state = '{state}' ORDER BY c.id LIMIT 1"
    )


def _step(step: Step) -> str:
    return _mine("draft").replace("SELECT", f"SELECT '{step.name}' AS step,")


MERGED = "SELECT id AS term_id FROM term WHERE state = 'merged' LIMIT 1"


def _regions(_platform: Platform) -> dict[str, Any]:
    return {"scheme": "region"}


# What the demonstration lacks is created through the same services, by the same people.


def _as(platform: Platform, key: str, act: Callable[[Any], Any]) -> Any:
    with platform.app.app_context():
        actor = db.session.get_one(User, platform.id_of(key))
        try:
            return act(actor)
        finally:
            db.session.remove()


def _proposal(platform: Platform) -> int:
    """Dee's draft for the membrane challenge, with a file; created on first use."""
    challenge = platform.value(_challenge("state = 'open' AND language = 'en'"))
    found = platform.rows(
        "SELECT id FROM proposal WHERE user_id = :me AND challenge_id = :of AND state = 'draft'",
        me=platform.id_of("dee"),
        of=challenge,
    )
    if found:
        return int(found[0].id)

    def write(dee: User) -> int:
        submissions.register(dee, challenge, organisation_id=None, accepted=True)
        number = int(submissions.start(dee, challenge).id)
        submissions.save(
            dee, number, title="Fluoride in the drain water as a witness", abstract="What leaves the cell tells.",
            body="## Idea\n\nA membrane that thins loses **fluoride**. We weigh it every hour.", language="en",
        )  # fmt: skip
        submissions.attach(dee, number, stream=io.BytesIO(b"hour,microgram\n1,3.2\n2,3.4\n"), filename="drain.csv")
        return number

    return int(_as(platform, "dee", write))


def _draft(platform: Platform) -> dict[str, Any]:
    return {"id": _proposal(platform)}


def _draft_file(platform: Platform) -> dict[str, Any]:
    number = _proposal(platform)
    sql = (
        "SELECT f.file_id FROM proposal_file f JOIN proposal_version v ON v.id = f.version_id WHERE v.proposal_id = :id"
    )
    return {"id": number, "file_id": platform.value(sql, id=number)}


def _review_file(platform: Platform) -> dict[str, Any]:
    """A file of a proposal that Cy reviews: no persona has attached one, so one is added to a version."""
    assignment, version = platform.rows(
        "SELECT a.id, p.submitted_version_id FROM assignment a JOIN proposal p ON p.id = a.proposal_id "
        "WHERE a.reviewer_id = :me AND a.state <> 'declined' ORDER BY a.id LIMIT 1",
        me=platform.id_of("cy"),
    )[0]
    stored = _draft_file(platform)["file_id"]
    if not platform.rows("SELECT id FROM proposal_file WHERE version_id = :version", version=version):
        platform.rows("INSERT INTO proposal_file (version_id, file_id) VALUES (:v, :f)", v=version, f=stored)
    file_id = platform.value("SELECT file_id FROM proposal_file WHERE version_id = :version", version=version)
    return {"assignment_id": assignment, "file_id": file_id}


def _payment_proof(platform: Platform) -> dict[str, Any]:
    """A payment proof that a sponsor has uploaded for an approved challenge."""
    found = platform.rows("SELECT id FROM payment_proof LIMIT 1")
    if found:
        return {"payment_proof_id": found[0].id}
    challenge, person = platform.rows(
        'SELECT c.id, u.email FROM challenge c JOIN "user" u ON u.id = c.created_by '
        "WHERE c.state = 'approved' ORDER BY c.id LIMIT 1"
    )[0]
    picture = io.BytesIO(PICTURE)
    return {
        "payment_proof_id": _as(
            platform, person, lambda actor: funding.upload_payment_proof(actor, challenge, picture, "proof.png").id
        )
    }


def _imported(platform: Platform) -> dict[str, Any]:
    """A challenge of another platform, taken from its feed."""
    sql = _challenge("state IN ('listed', 'archived')")
    if not platform.rows(sql):
        with tempfile.TemporaryDirectory() as folder, platform.app.app_context():
            path = Path(folder) / "feed.json"
            path.write_text(json.dumps({"origin": "challenge.gov", "challenges": [samples.ROW]}))
            importing.import_feed(SYSTEM, path)
            db.session.remove()
    return {"challenge_id": platform.value(sql)}


def _reset(platform: Platform) -> dict[str, Any]:
    return {"token": _as(platform, "dee", generate_reset_password_token)}


def _new_address(platform: Platform) -> dict[str, Any]:
    return {"token": _as(platform, "dee", lambda dee: _generate_token(dee, "dee.new@people.example"))}


def _sign_up(platform: Platform) -> dict[str, Any]:
    """A sign-up whose token we know; elsewhere only its digest is kept."""
    token = secrets.token_urlsafe(24)
    platform.rows(
        "INSERT INTO sign_up (email, name, locale, time_zone, token_digest, expires_at) "
        "VALUES ('newcomer@people.example', 'Lin Wei', 'en', 'Asia/Shanghai', :digest, :end)",
        digest=hashlib.sha256(token.encode()).hexdigest(),
        end=now() + timedelta(days=1),
    )
    return {"token": token}


def _unsubscribing(platform: Platform) -> dict[str, Any]:
    """The token of the link with which Ada would stop mail about money."""
    path = _as(platform, "ada", lambda actor: unsubscribing.path(actor.id, ["ledger"]))
    return {"token": path.rpartition("/")[2]}


def _calendar(platform: Platform) -> dict[str, Any]:
    """The token of Bo's private calendar."""

    def token(bo: User) -> str:
        link = calendars.find_link(bo.id)
        assert link is not None
        return calendars.token_of(link)

    return {"token": _as(platform, "bo", token)}


def _invitation(platform: Platform) -> dict[str, Any]:
    """An invitation whose token we know; elsewhere only its digest is kept."""
    token = secrets.token_urlsafe(24)
    platform.rows(
        "INSERT INTO invitation (organisation_id, email, role, token_digest, invited_by, expires_at) "
        "VALUES (:of, :email, 'member', :digest, :by, :end)",
        of=platform.value("SELECT organisation_id FROM membership WHERE user_id = :me", me=platform.id_of("ada")),
        email=f"{token[:8].lower()}@people.example".replace("_", "x"),
        digest=hashlib.sha256(token.encode()).hexdigest(),
        by=platform.id_of("ada"),
        end=now() + timedelta(days=3),
    )
    return {"token": token}


def _letter(platform: Platform) -> dict[str, Any]:
    """An email that the demonstration has "sent"."""
    return {
        "name": platform.until(lambda: list((platform.settings.data_dir / "mail").glob("*.eml")), "a letter")[0].stem
    }


OWN_ORGANISATION = "SELECT organisation_id FROM membership WHERE user_id = :me ORDER BY id LIMIT 1"
UNVERIFIED = (
    "SELECT id AS organisation_id FROM organisation WHERE verified_at IS NULL AND registration_number <> '' LIMIT 1"
)
DOCUMENT = "SELECT organisation_id, id AS document_id FROM organisation_document ORDER BY id LIMIT 1"
OWN_PROPOSAL = "SELECT id FROM proposal WHERE user_id = :me ORDER BY id LIMIT 1"
OWN_REVIEW = "SELECT id AS assignment_id FROM assignment WHERE reviewer_id = :me AND state = '{}' ORDER BY id LIMIT 1"
OWN_POT = (
    "SELECT p.id AS account_id FROM ledger_account p LEFT JOIN membership m "
    "ON m.organisation_id = p.owner_id AND m.user_id = :me "
    "WHERE p.balance > 0 AND ((p.owner_type = 'user' AND p.owner_id = :me) "
    "OR (p.owner_type = 'organisation' AND m.role = 'owner')) ORDER BY p.id LIMIT 1"
)
POT_WITH_ACCOUNT = (
    "payout_account a JOIN ledger_account p USING (owner_type, owner_id, currency) "
    "JOIN membership m ON m.organisation_id = p.owner_id "
    'JOIN "user" u ON u.id = m.user_id '
    "WHERE p.owner_type = 'organisation' AND p.kind IN ('payable', 'sponsor') AND p.balance > 0 AND m.role = 'owner'"
)
ACCOUNT_HOLDER = f"SELECT u.email FROM {POT_WITH_ACCOUNT} ORDER BY p.id LIMIT 1"
OWN_POT_WITH_ACCOUNT = f"SELECT p.id AS account_id FROM {POT_WITH_ACCOUNT} AND u.id = :me ORDER BY p.id LIMIT 1"
WINNER = (
    'SELECT u.email FROM award a JOIN proposal p ON p.id = a.proposal_id JOIN "user" u ON u.id = p.user_id '
    "JOIN challenge c ON c.id = a.challenge_id WHERE c.state = 'settled' ORDER BY a.id LIMIT 1"
)
CALLED_OFF = "state = 'cancelled' AND published_at IS NOT NULL"  # when it was open already
EARNER = (
    'SELECT u.email FROM ledger_account p JOIN "user" u ON u.id = p.owner_id '
    "WHERE p.owner_type = 'user' AND p.kind = 'payable' ORDER BY p.balance DESC, p.id LIMIT 1"
)
RICH_SPONSOR = (
    "SELECT u.email FROM ledger_account p JOIN membership m ON m.organisation_id = p.owner_id "
    'JOIN "user" u ON u.id = m.user_id '
    "WHERE p.kind = 'sponsor' AND p.balance > 0 AND m.role = 'owner' ORDER BY p.id DESC LIMIT 1"
)
LATE_REVIEWER = (
    'SELECT u.email FROM assignment a JOIN "user" u ON u.id = a.reviewer_id '
    "WHERE a.state = 'pending' ORDER BY a.id LIMIT 1"
)
PAID = (
    "SELECT u.email FROM payout y JOIN \"user\" u ON u.id = y.requested_by WHERE y.state = 'paid' ORDER BY y.id LIMIT 1"
)


AMENDED = "contract_version_id IN (SELECT id FROM contract_version WHERE number = 2 AND state = 'in_force')"
MATERIAL = "contract_version_id IN (SELECT id FROM contract_version WHERE change_class = 'material')"
WAITING = """
SELECT k.subject_id AS challenge_id FROM contract_version v JOIN contract k ON k.id = v.contract_id
WHERE v.state = 'proposed' ORDER BY 1 LIMIT 1
"""
UNACCEPTED = f"""SELECT u.email FROM registration r
JOIN "user" u ON u.id = r.user_id JOIN challenge c ON c.id = r.challenge_id
WHERE c.{MATERIAL} AND r.contract_version_id <> c.contract_version_id AND r.organisation_id IS NULL
ORDER BY r.id LIMIT 1
"""


HOLDER = 'SELECT u.email FROM voucher v JOIN "user" u ON u.id = v.user_id ORDER BY v.id DESC LIMIT 1'
QUESTIONED = "SELECT challenge_id FROM challenge_question ORDER BY id LIMIT 1"


HIDDEN = "SELECT id AS challenge_id FROM challenge WHERE visibility = 'invited' AND state = 'open' ORDER BY id LIMIT 1"


def _invitation_to(platform: Platform, condition: str) -> dict[str, Any]:
    """The token of an invitation to the challenge for invited people only."""

    def token(_ada: User) -> str:
        query = sa.select(ChallengeInvitation).join(Challenge, Challenge.id == ChallengeInvitation.challenge_id)
        hidden = query.where(Challenge.visibility == "invited", sa.text(condition))
        return token_of(db.session.scalars(hidden.order_by(ChallengeInvitation.id)).first())

    return {"token": _as(platform, "ada", token)}


def _challenge_invitation(platform: Platform) -> dict[str, Any]:
    return _invitation_to(platform, "challenge_invitation.state IN ('sent', 'seen') AND address LIKE 'dee@%'")


def _open_invitation(platform: Platform) -> dict[str, Any]:
    """One of nobody who has an account."""
    return _invitation_to(platform, "challenge_invitation.state = 'declined' AND user_id IS NULL")


def sponsor_of_questioned() -> str:
    """The query for the sponsor who is asked."""
    return f'SELECT u.email FROM challenge c JOIN "user" u ON u.id = c.created_by WHERE c.id = ({QUESTIONED})'


def _case(condition: str) -> str:
    """A case with an open step of which this holds."""
    steps = f"SELECT case_id FROM case_step WHERE {condition}"
    return f'SELECT public_id FROM "case" WHERE id IN ({steps}) ORDER BY id LIMIT 1'


OF_PERSON = "SELECT case_id FROM case_party WHERE side = 'respondent' AND user_id IS NOT NULL"
ANSWERING = """SELECT u.email FROM case_step s JOIN case_party p ON p.case_id = s.case_id AND p.side = 'respondent'
JOIN "user" u ON u.id = p.user_id WHERE s.body = 'respondent' ORDER BY s.case_id LIMIT 1
"""
REPORTED = "SELECT 'challenge_report' AS kind, id AS key FROM challenge WHERE state = 'open' ORDER BY id LIMIT 1"
PROFILED = """SELECT 'profile_report' AS kind, id AS key FROM "user" WHERE email LIKE 'bo@%'"""
RENEWED = (
    "SELECT 'organisation_verification' AS kind, organisation_id AS key FROM membership WHERE user_id = :me LIMIT 1"
)
APPLIED = "SELECT 'expert_admission' AS kind, CAST(:me AS bigint) AS key"
CONTRACTED = "SELECT 'technology_contract' AS kind, id AS key FROM organisation WHERE name = '河姆工艺技术服务中心'"
SMALL = "SELECT 'small_firm' AS kind, id AS key FROM organisation WHERE name = '豫安钢铁股份有限公司'"
CASE_FILE = """SELECT c.public_id, e.id AS entry_id FROM case_entry e JOIN "case" c ON c.id = e.case_id
WHERE e.file_id IS NOT NULL ORDER BY e.id LIMIT 1
"""
GATED = "nda <> '' AND state = 'open'"
SIGNER = 'SELECT u.email FROM nda_signature s JOIN "user" u ON u.id = s.user_id ORDER BY s.id LIMIT 1'
ATTACHED = "SELECT challenge_id, public_id FROM attachment ORDER BY id LIMIT 1"  # the first one is a public picture
GIVEN = """SELECT r.challenge_id, d.public_id FROM registration_document d
JOIN registration r ON r.id = d.registration_id ORDER BY d.id LIMIT 1
"""


def sponsor_of_gated() -> str:
    """The query for the sponsor of the challenge with an NDA."""
    return f'SELECT u.email FROM challenge c JOIN "user" u ON u.id = c.created_by WHERE {GATED}'


def sponsor_of_raise() -> str:
    """The query for the sponsor whose raised prizes wait for their money."""
    return f'SELECT u.email FROM challenge c JOIN "user" u ON u.id = c.created_by WHERE c.id = ({WAITING})'


def sponsor_of(state: str) -> str:
    """The query for the sponsor of the first challenge in a state."""
    return (
        'SELECT u.email FROM challenge c JOIN "user" u ON u.id = c.created_by '
        f"WHERE c.state = '{state}' ORDER BY c.id LIMIT 1"
    )


def _shown(state: str, who: str | None = None) -> Look:
    return Look(who, _challenge(f"state = '{state}'"))


ALL_DESKS = tuple(Look(who) for who in ("bo", "cy", "dee", "eve", "fen", "finn", "gu", "pia", "aud", "adm"))

PARK = "SELECT id AS organisation_id FROM organisation WHERE kind = 'park'"
FOR_FIRM = "SELECT id AS challenge_id FROM challenge WHERE for_organisation_id IS NOT NULL"
EXAMPLES: dict[str, Look] = {
    # the site
    "site.home": Look(more=(Look("ada"),)),
    "site.statistics": Look(),
    "scoring.cross_region_awards": Look(),
    "scoring.cross_region_csv": Look(kind=FILE),
    "scoring.industries": Look(),
    "scoring.regions": Look(more=(Look(query="q=Suzhou"), Look(query="q=Atlantis"))),
    "scoring.organisations": Look(
        more=(Look(query="kind=park"), Look(query="q=no+such+name"), Look(query="region=Suzhou"))
    ),
    "taxonomy.merging": Look("eve", "SELECT id AS term_id FROM term WHERE code = 'acoustics'", query="q=noise"),
    "scoring.industry": Look(
        values=lambda _platform: {"code": "public-services"}, more=(Look("bo", lambda _platform: {"code": "food"}),)
    ),
    "scoring.region": Look("bo", lambda _platform: {"code": "370200"}, more=(Look(None, lambda _p: {"code": "CN"}),)),
    "confirmations.index": Look("eve"),
    "taxonomy.index": Look("eve"),
    "taxonomy.terms": Look("eve", lambda _platform: {"scheme": "field"}, more=(Look("adm", _regions, query="q=郑州"),)),
    "taxonomy.export": Look("eve", _regions, kind=FILE),
    "taxonomy.add": Look("eve", _regions),
    "taxonomy.term": Look("eve", "SELECT id AS term_id FROM term WHERE code = 'noise'", more=(Look("eve", MERGED),)),
    "taxonomy.links": Look("eve", lambda _platform: {"scheme": "field", "other": "industry"}),
    "taxonomy.import_file": Look("eve", _regions),
    "taxonomy.free_terms": Look("eve"),
    "accounts.units": Look("adm"),
    "accounts.unit": Look("adm", "SELECT id AS unit_id FROM operator_unit ORDER BY id LIMIT 1"),
    "site.dashboard": Look("ada", more=ALL_DESKS),
    "site.programme": Look("pia"),
    "site.amount": Look(query="text=12,50&currency=CNY", kind=API),
    "site.how_it_works": Look(),
    "ledger.fees": Look(),
    "site.terms": Look(),
    "site.privacy": Look(),
    "site.contact": Look(),
    "site.api_docs": Look(),
    "site.openapi": Look(kind=API),
    "site.language": Look(values="SELECT 'en' AS locale", kind=ELSEWHERE),
    "site.theme": Look(values="SELECT 'light' AS theme", kind=ELSEWHERE),
    "health.alive": Look(kind=API),
    "health.ready": Look(kind=API),
    "metrics.metrics": Look(kind=ABSENT),
    # accounts
    "security.login": Look(),
    "accounts.sign_up": Look(),
    "accounts.choose_password": Look(values=_sign_up),
    "accounts.confirm_before": Look(kind=ELSEWHERE),
    "security.forgot_password": Look(),
    "security.reset_password": Look(values=_reset),
    "security.change_email_confirm": Look("dee", values=_new_address),
    "security.change_password": Look("bo"),
    "security.change_email": Look("bo"),
    "security.verify": Look("bo"),
    "accounts.profile": Look("bo"),
    "accounts.sessions": Look("bo"),
    "accounts.organisations": Look("ada", more=(Look("dee"),)),
    "accounts.organisation_new": Look("dee"),
    "accounts.organisation_edit": Look("ada", OWN_ORGANISATION),
    "accounts.members": Look("ada", OWN_ORGANISATION, more=(Look("bo", OWN_ORGANISATION),)),
    "accounts.verification": Look("ada", OWN_ORGANISATION, more=(Look("eve", UNVERIFIED),)),
    "accounts.parks": Look("heyan", PARK, more=(Look("ada", OWN_ORGANISATION),)),
    "accounts.close_organisation": Look("heyan", PARK, more=(Look("ada", OWN_ORGANISATION),)),
    "accounts.personal_data": Look("dee", more=(Look("bo"),)),
    "accounts.export_progress": Look("dee", kind=PIECE),
    "accounts.download_export": Look("dee", "SELECT 1 AS export_id", kind=ABSENT),
    "accounts.document": Look("eve", DOCUMENT, kind=FILE),
    "accounts.invitation": Look(values=_invitation),
    "accounts.people_admin": Look("adm"),
    "accounts.person_admin": Look("adm", "SELECT id AS user_id FROM \"user\" WHERE email LIKE 'cy@%'"),
    "accounts.organisations_admin": Look("eve"),
    # notifications
    "notifications.inbox": Look("ada", more=(Look("dee"),)),
    "notifications.preferences": Look("ada"),
    "unsubscribing.unsubscribe": Look(values=_unsubscribing),
    "following.index": Look("bo", more=(Look("adm"),)),
    "searches.index": Look("bo", more=(Look("adm"),)),
    "searches.new": Look("bo", query="q=water&state=open&filtered=1"),
    "searches.show": Look(
        "bo", "SELECT id AS search_id FROM saved_search WHERE user_id = :me ORDER BY id LIMIT 1", kind=ELSEWHERE
    ),
    "feeds.calendar": Look("bo", more=(Look("adm"),)),
    "feeds.private": Look(values=_calendar, kind=FEED),
    "challenge_feeds.listed": Look(kind=FEED, query="q=water"),
    "challenge_feeds.history": Look(values=_challenge("state = 'settled'"), kind=FEED),
    "challenge_feeds.calendar": Look(values=_challenge("state = 'open'"), kind=FEED),
    "scoring.latest_feed": Look(kind=FEED),
    "notifications.show": Look(
        "ada",
        "SELECT id AS notification_id FROM notification WHERE user_id = :me ORDER BY id LIMIT 1",
        kind=ELSEWHERE,
    ),
    # challenges
    "challenges.index": Look(more=(Look("bo"), Look(query="q=nothing+has+these+words"))),
    "challenges.show": Look(
        values=_challenge("state = 'open'"),
        more=(
            Look(values=_challenge("state = 'open' AND language = 'en'")),
            *(_shown(state) for state in ("judging", "decided", "settled")),
            Look(values=_challenge(CALLED_OFF)),
            Look("bo", _challenge("state = 'open'")),
            Look("eve", _challenge("state = 'screening'")),
            Look("cy", _challenge("state = 'judging'")),
            *(Look(sponsor_of(s), _mine(s)) for s in ("draft", "screening", "approved", "funded", "open")),
            *(Look(sponsor_of(s), _mine(s)) for s in ("judging", "decided")),
            Look(values=_imported),
        ),
    ),
    "challenges.history": Look(
        values=_challenge("state = 'settled'"), more=(Look("eve", _challenge("state = 'settled'")),)
    ),
    "challenges.status": Look(values=_challenge("state = 'judging'"), kind=PIECE),
    "numbers.show": Look(sponsor_of("open"), _mine("open"), more=(Look(sponsor_of("judging"), _mine("judging")),)),
    "numbers.export": Look(sponsor_of("open"), _mine("open"), kind=FILE),
    "challenges.prizes": Look(values=_challenge("state = 'open'")),
    "contracts.show": Look(
        values=_challenge(AMENDED),
        more=(Look(sponsor_of_raise(), WAITING), Look(UNACCEPTED, _challenge(MATERIAL))),
    ),
    "contracts.changes": Look(values=_challenge(AMENDED), query="version=2"),
    "contracts.document": Look(values=_challenge(AMENDED), kind=API),
    "contracts.amend": Look(sponsor_of("open"), _mine("open")),
    "materials.show": Look(
        values=_challenge(GATED),
        more=(
            Look(SIGNER, _challenge(GATED)),
            Look("bo", _challenge(GATED)),
            Look(sponsor_of_gated(), _challenge(GATED)),
        ),
    ),
    "materials.attachment": Look(SIGNER, ATTACHED, kind=FILE),
    "materials.picture": Look(values=ATTACHED, kind=SHOWN),
    "materials.full_text": Look(SIGNER, _challenge(GATED), kind=FILE),
    "materials.everything": Look(SIGNER, _challenge(GATED), kind=FILE),
    "materials.nda": Look("bo", _challenge(GATED), more=(Look(SIGNER, _challenge(GATED)),)),
    "entry.registration": Look("bo", _challenge(GATED)),
    "entry.registrants": Look(sponsor_of_gated(), _challenge(GATED), more=(Look("eve", _challenge(GATED)),)),
    "entry.document": Look(sponsor_of_gated(), GIVEN, kind=FILE),
    "cases.mine": Look("ada", more=(Look("aud"),)),
    "cases.queue": Look("eve", more=(Look("gu"),)),
    "cases.days_off": Look("eve", more=(Look("gu"),)),
    "sanctions.show": Look("eve", "SELECT id AS sanction_id FROM sanction ORDER BY id"),
    "cases.show": Look(
        "eve",
        _case("case_step.body = 'service_centre'"),
        more=(
            Look("eve", _case("case_step.state = 'concluded'")),
            Look(ANSWERING, _case(f"case_step.body = 'respondent' AND case_step.case_id IN ({OF_PERSON})")),
            Look("aud", _case("case_step.body = 'service_centre'")),
        ),
    ),
    "cases.new": Look(
        "bo",
        REPORTED,
        more=(
            Look("dee", PROFILED),
            Look("ada", RENEWED),
            Look("dee", APPLIED),
            Look("yaomin", CONTRACTED),
            Look("duanjun", SMALL),
            Look("eve", lambda _platform: {"kind": "challenges_change", "key": 2}),
        ),
    ),
    "cases.file": Look("eve", CASE_FILE, kind=FILE),
    "discussion.show": Look(
        values=QUESTIONED,
        more=(Look("eve", QUESTIONED), Look(sponsor_of_questioned(), QUESTIONED), Look("cy", QUESTIONED)),
    ),
    "invitations.index": Look("ada", HIDDEN, more=(Look("ada", HIDDEN, query="state=declined"),)),
    "invitations.mine": Look("dee", more=(Look("aud"),)),
    "invitations.show": Look("dee", _challenge_invitation, more=(Look(values=_open_invitation),)),
    "invitation_stops.stop": Look(values=_open_invitation),
    "support.show": Look(
        values=_challenge("id IN (SELECT challenge_id FROM support_line)"),
        more=(Look(sponsor_of("draft"), _mine("draft")),),
    ),
    "support.vouchers": Look("heyan", more=(Look(HOLDER), Look("dee"))),
    "challenges.mine": Look("ada", more=(Look("dee"),)),
    "challenges.new": Look("ada"),
    "drafting.edit": Look(sponsor_of("draft"), _mine("draft"), kind=ELSEWHERE),
    "drafting.step": Look(
        sponsor_of("draft"), _step(STEPS[0]), more=tuple(Look(sponsor_of("draft"), _step(one)) for one in STEPS[1:])
    ),
    "drafting.preview": Look(sponsor_of("draft"), _mine("draft")),
    "drafting.check": Look(sponsor_of("draft"), _mine("draft")),
    "brief_templates.choose": Look(
        sponsor_of("draft"),
        _mine("draft", "challenge_id, 'rubric'::text AS kind"),
        more=(Look(sponsor_of("draft"), _mine("draft", "challenge_id, 'rights'::text AS kind")),),
    ),
    "brief_templates.index": Look("eve"),
    "brief_templates.show": Look("adm", "SELECT id AS template_id FROM brief_template WHERE code = 'research'"),
    "brief_templates.edit": Look("eve", "SELECT id AS template_id FROM brief_template WHERE code = 'ideas'"),
    "brief_templates.add": Look(
        "eve", lambda _platform: {"kind": "problem"}, more=(Look("adm", lambda _p: {"kind": "rubric"}),)
    ),
    "challenges.firm": Look("heyan", FOR_FIRM, more=(Look("ada", FOR_FIRM),)),
    "challenges.copy": Look("ada", _challenge("state = 'settled'")),
    "challenges.cancel": Look(sponsor_of("draft"), _mine("draft"), more=(Look("eve", _challenge("state = 'open'")),)),
    "challenges.screening": Look("eve"),
    "screening.phrases": Look("eve"),
    "screening.checklist": Look("eve", more=(Look("adm"),)),
    "challenges.screen": Look(
        "eve", _challenge("state = 'screening'"), more=(Look("adm", _challenge("state = 'screening'")),)
    ),
    "challenges_api.index": Look(kind=API),
    # rules
    "rules.index": Look(),
    "rules.show": Look(
        values="SELECT 'challenges' AS name",
        more=(
            Look("lanxin", "SELECT 'fees' AS name"),
            Look(values="SELECT 'sanctions' AS name"),
            Look(values="SELECT 'challenges' AS name", query="version=1"),
        ),
    ),
    "rules.document": Look(values="SELECT 'fees' AS name", kind=API),
    "rules_api.index": Look(kind=API),
    "rules_api.versions": Look(values="SELECT 'challenges' AS name", kind=API),
    # registers
    "registers.index": Look(),
    "registers.entries": Look(
        values="SELECT 'experts' AS register",
        more=(
            Look("luyao", "SELECT 'technology-managers' AS register"),
            Look(values="SELECT 'organisations' AS register"),
        ),
    ),
    "registers.entry": Look(
        values=_entry("technology-managers", "expired"),
        more=(
            Look("luyao", _entry("technology-managers", "suspended")),
            Look("cy", _entry("experts", "granted")),
            Look("adm", _entry("experts", "granted")),
            Look(values=_entry("backbone-agencies", "granted")),
        ),
    ),
    "registers.certificate": Look(
        values=_entry("organisations", "granted").replace("e.number", "e.number, 'en' AS locale", 1),
        kind=FILE,
    ),
    "registers.new": Look(
        "luyao",
        "SELECT 'technology-managers' AS register",
        more=(Look("luyao", "SELECT 'backbone-agencies' AS register"),),
    ),
    "registers.own": Look("cy", more=(Look("ada"), Look("pia"), Look("dee"))),
    "registers.verify": Look(),
    "registers.verify_number": Look(
        values=_entry("technology-managers", "suspended", "number"),
        more=(Look(values=_entry("experts", "granted", "number")),),
    ),
    "technology_contracts.index": Look(more=(Look("yaomin"), Look("luyao"))),
    "technology_contracts.totals": Look(kind=FILE),
    "technology_contracts.export": Look("luyao", kind=FILE),
    "small_firms.index": Look(more=(Look("jiangyu"), Look("bo"))),
    "registers_api.index": Look(kind=API),
    "registers_api.entries": Look(values="SELECT 'organisations' AS register", kind=API),
    "registers_api.entry": Look(values=_entry("technology-managers", "renewed"), kind=API),
    "challenges_api.show": Look(values=_challenge("state = 'open'"), kind=API),
    # money in
    "funding.show": Look(
        sponsor_of("approved"),
        _mine("approved"),
        more=(Look("fen", _challenge("state = 'approved'")), Look(sponsor_of("open"), _mine("open"))),
    ),
    "funding.invoice": Look(sponsor_of("approved"), _mine("approved")),
    "funding.payment_proof": Look("fen", _payment_proof, kind=FILE),
    "funding.transfers": Look(
        values=_challenge("state = 'settled'"),
        more=(
            Look(values=_challenge(CALLED_OFF)),
            Look("aud", _challenge("state = 'settled'")),
            Look(sponsor_of("open"), _mine("open")),
        ),
    ),
    "ledger.overview": Look("fen", more=(Look("aud"),)),
    "ledger.deposit_list": Look("fen", more=(Look("fen", query="state=unreconciled"),)),
    "ledger.deposit": Look(
        "finn",
        "SELECT id AS deposit_id FROM deposit ORDER BY (state = 'recorded') DESC, id LIMIT 1",
        more=(
            Look("fen", "SELECT id AS deposit_id FROM deposit ORDER BY (state = 'suspense') DESC, id LIMIT 1"),
            Look("aud", "SELECT id AS deposit_id FROM deposit WHERE state = 'credited' ORDER BY id LIMIT 1"),
        ),
    ),
    "ledger.record_deposit": Look("fen"),
    "ledger.bank_statement": Look("fen"),
    # money
    "ledger.mine": Look(EARNER, more=(Look("dee"), Look("fen"), Look("ada"))),
    "ledger.organisation": Look(
        "ada", OWN_ORGANISATION, more=(Look(RICH_SPONSOR, OWN_ORGANISATION), Look("bo", OWN_ORGANISATION))
    ),
    "ledger.escrows": Look("ada", OWN_ORGANISATION),
    "ledger.platform": Look("fen", more=(Look("aud"),)),
    "ledger.accounts": Look(
        "aud",
        "SELECT 'escrow' AS kind, 'CNY' AS currency",
        more=(Look("fen", "SELECT 'held' AS kind, 'CNY' AS currency"),),
    ),
    "ledger.account": Look(
        "fen",
        "SELECT id AS account_id FROM ledger_account WHERE kind = 'bank' ORDER BY id LIMIT 1",
        more=(
            Look(
                "aud",
                "SELECT id AS account_id FROM ledger_account WHERE kind = 'payable' AND owner_type = 'user' "
                "ORDER BY id LIMIT 1",
            ),
        ),
    ),
    "ledger.transfer": Look(
        "aud",
        "SELECT id AS transfer_id FROM transfer WHERE kind = 'award' ORDER BY id LIMIT 1",
        more=(
            Look("aud", "SELECT id AS transfer_id FROM transfer WHERE kind = 'fund' ORDER BY id LIMIT 1"),
            Look("fen", "SELECT id AS transfer_id FROM transfer WHERE kind = 'deposit' ORDER BY id LIMIT 1"),
            Look(
                PAID,
                "SELECT t.id AS transfer_id FROM transfer t JOIN payout p ON p.id = t.subject_id "
                "WHERE t.kind = 'paid' AND p.requested_by = :me ORDER BY t.id LIMIT 1",
            ),
        ),
    ),
    "ledger.payout_account": Look("dee", "SELECT 'user' AS owner, :me AS owner_id"),
    "ledger.withdraw": Look(RICH_SPONSOR, OWN_POT, more=(Look(ACCOUNT_HOLDER, OWN_POT_WITH_ACCOUNT),)),
    "ledger.payout": Look(
        PAID, "SELECT id AS payout_id FROM payout WHERE requested_by = :me AND state = 'paid' ORDER BY id LIMIT 1"
    ),
    "ledger.payouts": Look("fen", more=(Look("aud"),)),
    "ledger.approvals": Look("finn", more=(Look("aud"),)),
    "ledger.approval": Look(
        "finn",
        "SELECT id AS approval_id FROM approval ORDER BY (state = 'waiting') DESC, id LIMIT 1",
        more=(Look("aud", "SELECT id AS approval_id FROM approval ORDER BY (state = 'approved') DESC, id LIMIT 1"),),
    ),
    "ledger.batch": Look(
        "finn",
        "SELECT id AS batch_id FROM payout_batch ORDER BY id DESC LIMIT 1",
        more=(Look("aud", "SELECT id AS batch_id FROM payout_batch WHERE state = 'settled' ORDER BY id LIMIT 1"),),
    ),
    "ledger.batch_file": Look(
        "fen", "SELECT id AS batch_id FROM payout_batch WHERE approved_by IS NOT NULL ORDER BY id LIMIT 1", kind=FILE
    ),
    "ledger.check": Look("fen"),
    "ledger.export": Look(RICH_SPONSOR, OWN_POT, kind=FILE),
    # answers
    "submissions.register": Look(
        "pia",
        _challenge("state = 'open' AND language = 'en'", "id"),
        more=(Look("bo", _challenge("state = 'open'", "id")),),
    ),
    "submissions.mine": Look("bo", more=(Look("ada"),)),
    "submissions.show": Look("bo", OWN_PROPOSAL, more=(Look("dee", _draft), Look(WINNER, OWN_PROPOSAL))),
    "submissions.edit": Look("dee", _draft),
    "submissions.submit": Look("dee", _draft),
    "submissions.file": Look("dee", _draft_file, kind=FILE),
    "submissions.version": Look(
        "bo",
        "SELECT p.id, max(v.number) AS number FROM proposal p JOIN proposal_version v ON v.proposal_id = p.id "
        "WHERE p.user_id = :me GROUP BY p.id ORDER BY p.id LIMIT 1",
    ),
    "submissions.receipt_file": Look(
        "bo",
        "SELECT p.id, v.number FROM proposal p JOIN proposal_version v ON v.id = p.submitted_version_id "
        "WHERE p.user_id = :me ORDER BY p.id LIMIT 1",
        kind=FILE,
    ),
    "shares.edit": Look("dee", _draft),
    # verdicts
    "scoring.reviews": Look("cy", more=(Look("dee"),)),
    "scoring.review": Look(LATE_REVIEWER, OWN_REVIEW.format("pending"), more=(Look("cy", OWN_REVIEW.format("done")),)),
    "scoring.file": Look("cy", _review_file, kind=FILE),
    "scoring.declared_conflicts": Look("cy"),
    "scoring.panel": Look("eve", _challenge("state = 'judging'"), more=(Look("ada", _mine("judging")),)),
    "scoring.ranking": Look("ada", _mine("judging"), more=(Look(sponsor_of("decided"), _mine("decided")),)),
    "scoring.awards": Look("ada", _mine("judging")),
    "scoring.results": Look(values=_challenge("state = 'settled'"), more=(_shown("decided"),)),
    "scoring.holds": Look(
        "gu",
        _challenge("payment_held_at IS NOT NULL"),
        more=(Look("gu", _challenge("state = 'decided' AND payment_held_at IS NULL")),),
    ),
    "scoring.feedback": Look(
        WINNER,
        OWN_PROPOSAL.replace("id FROM", "id AS proposal_id FROM"),
        more=(Look("eve", "SELECT proposal_id FROM award ORDER BY id LIMIT 1"),),
    ),
    "scoring.latest": Look(),
    "scoring.people": Look(more=(Look(query="list=reviewers"), Look(query="list=agencies"))),
    "scoring.person": Look(
        values=f'SELECT id AS user_id FROM "user" WHERE email = ({WINNER})',
        more=(Look("cy", "SELECT :me AS user_id"), Look("bo", "SELECT :me AS user_id")),
    ),
    "scoring.organisation": Look(
        values=_challenge("state = 'settled'", "x").replace("id AS x", "organisation_id"),
        more=(Look("bo", OWN_ORGANISATION),),
    ),
    "scoring_api.me": Look("bo", kind=API),
    # the demonstration
    "demo.index": Look(),
    "demo.mail": Look(),
    "demo.email": Look(values=_letter),
    # the operator
    "admin.index": Look("eve", more=(Look("aud"),)),
    "admin.jobs": Look("eve", more=(Look("aud", query="state=dead"),)),
    "admin.audit": Look("aud"),
    "admin.event": Look("aud", "SELECT max(id) AS event_id FROM audit_event WHERE action = 'challenge.decided'"),
    "admin.audit_export": Look("aud", kind=FILE),
}

# Files of libraries and what is served before Flask: nobody reads them as pages.
NO_PAGES = {"static", "bootstrap.static", "security.static"}
