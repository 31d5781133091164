"""The people of a journey and what they do, step by step, through the pages."""

import email
import email.policy
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask_security import hash_password
from sqlalchemy.orm import selectinload

from challenges.models import Challenge
from crowd.accounts import services as accounts
from crowd.accounts.models import PlatformRole
from crowd.accounts.verification.numbers import check_character
from crowd.audit import SYSTEM, AuditEvent
from crowd.db import db
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.check import LedgerFinding
from crowd.ledger.models import LedgerAccountKind, OwnerType, Transfer
from tests import factories
from tests.drafting import by_step
from tests.processes import Platform
from tests.visitor import Page, Visitor

PASSWORD = "seven grey hydrants listen"
PRIZES = 30_000_000  # minor units: all prizes of the brief below
PDF = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"
NEED = """## What we have

612 km of grey cast-iron mains from before 1985.

| year | bursts |
|---|---|
| 2024 | 118 |
"""


class Company:
    """All personas, each with a browser that signs in on first use."""

    def __init__(self, platform: Platform, wsgi: Callable[..., Any] | None = None) -> None:
        self.platform = platform
        self.wsgi = wsgi or platform.app
        self._deposits = 0

    # ---- people

    def visitor(self) -> Visitor:
        """A browser, signed out."""
        return Visitor(self.wsgi)

    def staff(self, name: str, *roles: PlatformRole, expertise: tuple[str, ...] = ()) -> Visitor:
        """Make an account as the platform does for its own people, and sign in with its password."""
        with self.platform.app.app_context():
            hashed = hash_password(PASSWORD)
            accounts.create_user(
                SYSTEM, email=address(name), name=name, roles=roles, password_hash=hashed, locale="en",
                expertise=expertise,
            )  # fmt: skip
            db.session.remove()
        return self.sign_in(name)

    def sign_in(self, name: str) -> Visitor:
        """A browser in which this person has signed in by the form."""
        who = self.visitor()
        desk = who.press("/account/login", "Sign in", email=address(name), password=PASSWORD)
        assert desk.path.startswith("/dashboard"), desk.words[:500]
        return who

    def sign_up(self, name: str) -> Visitor:
        """Ask for an account, set its password on the page of the email's link, and sign in."""
        who = self.visitor()
        who.press("/account/register", "Send me the link", name=name, email=address(name), locale="en", terms="y")
        page = who.get(link_in(self.letter(name, "Choose your password")))
        desk = who.press(page, "Create the account", password=PASSWORD, password_confirm=PASSWORD)
        assert desk.path.startswith("/dashboard"), desk.words[:500]
        return who

    @cached_property
    def ada(self) -> Visitor:
        """The sponsor."""
        return self.staff("Ada")

    @cached_property
    def bo(self) -> Visitor:
        """A solver."""
        return self.staff("Bo")

    @cached_property
    def bea(self) -> Visitor:
        """Another solver."""
        return self.staff("Bea")

    @cached_property
    def eve(self) -> Visitor:
        """The service centre."""
        return self.staff("Eve", PlatformRole.SERVICE_CENTRE)

    @cached_property
    def fen(self) -> Visitor:
        """Finance, who makes."""
        return self.staff("Fen", PlatformRole.FINANCE)

    @cached_property
    def finn(self) -> Visitor:
        """Finance, who checks."""
        return self.staff("Finn", PlatformRole.FINANCE)

    @cached_property
    def adm(self) -> Visitor:
        """The administrator."""
        return self.staff("Adm", PlatformRole.ADMINISTRATOR)

    @cached_property
    def reviewers(self) -> list[Visitor]:
        """Cy, Cleo and Carl."""
        fields = {"Cy": ("acoustics", "water"), "Cleo": ("signal processing",), "Carl": ("machine learning",)}
        return [self.staff(name, PlatformRole.EXPERT, expertise=tags) for name, tags in fields.items()]

    # ---- mail

    def letters(self, name: str) -> list[EmailMessage]:
        """The emails in a person's mailbox."""
        found = []
        for path in sorted((self.platform.settings.data_dir / "mail").glob("*.eml")):
            letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if letter["To"] == address(name):
                found.append(letter)
        return found

    def letter(self, name: str, about: str) -> str:
        """The text of the email whose text or subject contains these words, once a worker has sent it."""

        def arrived() -> str:
            for letter in self.letters(name):
                text = str(letter.get_body(("plain",)).get_content())
                if about in letter["Subject"] or about in text:
                    return text
            return ""

        what = f"a letter to {name} about {about!r}"
        return self.platform.wait_until(
            arrived, what, more=lambda: [letter["Subject"] for letter in self.letters(name)]
        )

    # ---- challenges

    def found(self, who: Visitor, name: str = "Luoyang Water Group") -> int:
        """Create an organisation, which the service centre verifies; returns its id."""
        page = who.press("/account/organisations/new", "Register", name=name, kind="enterprise", country="CN")
        first = f"91410300{page.id:09}"
        registration = {"registration_number": first + check_character(first)}
        contact = {"contact_name": "Ada", "contact_email": address("Ada")}
        who.press(page, "Save", registration | contact)
        (verification,) = self.eve.get("/admin/organisations").links(rf"/organisations/{page.id}/verification")
        self.eve.press(verification, "Verify", reason="Compared with the public register.")
        return page.id

    def draft(self, who: Visitor, **changes: Any) -> int:
        """Write a challenge of three prizes; its id."""
        title = "Find leaks in buried cast-iron mains from the noise at two hydrants"
        page = who.press("/challenges/new", "Create the draft", title=title, language="en")
        number, third = page.id, {"prizes-2-title": "Third", "prizes-2-amount": "30,000", "prizes-2-award_count": "1"}
        for step, typed in by_step(brief() | changes).items():
            here = who.get(f"/challenges/{number}/edit/{step}")
            if step == "prizes":
                here, typed = who.press(here, "More prizes", typed), third
            page = who.press(here, "Save and continue", typed)
            assert not page.path.endswith(f"/{step}"), page.words[:800]
        return number

    def submit(self, who: Visitor, challenge_id: int) -> None:
        """Agree to the cost; the challenge goes to screening."""
        who.press(f"/challenges/{challenge_id}/edit/check", "Agree and submit for screening")

    def approve(self, challenge_id: int) -> None:
        """The service centre approves what it finds in its queue."""
        assert self.eve.get("/screening").links(rf"/screening/{challenge_id}")
        page = self.eve.get(f"/screening/{challenge_id}")
        names = {name for form in page.forms for name in form.names if re.fullmatch(r"checks-\d+-answer", name)}
        page = self.eve.press(page, "Save the answers", dict.fromkeys(names, "yes"))
        self.eve.press(page, "Approve")

    def approved(self, **changes: Any) -> int:
        """Ada's challenge, approved and waiting for its money."""
        self.found(self.ada)
        challenge_id = self.draft(self.ada, **changes)
        self.submit(self.ada, challenge_id)
        self.approve(challenge_id)
        return challenge_id

    # ---- money in

    def reference(self, who: Visitor, challenge_id: int) -> str:
        """The payment reference, as the sponsor reads it from the request for payment."""
        page = who.get(f"/challenges/{challenge_id}/funding/invoice")
        reference = self.challenge(challenge_id).payment_reference
        assert reference
        assert reference in page.words
        return reference

    def record(self, amount: int, text: str = "", **fields: Any) -> Page:
        """Fen records money that has come (minor units); the deposit's page."""
        self._deposits += 1
        return self.fen.press(
            "/finance/deposits/new", "Record",
            {"bank_reference": f"ICBC-2026-{self._deposits:05d}", "value_date": date.today().isoformat(),
             "payer": "Luoyang Water Group", "amount": major(amount), "payment_reference": text, **fields},
        )  # fmt: skip

    def pay_in(self, amount: int, text: str = "", **fields: Any) -> Page:
        """Money comes, is recorded by Fen and confirmed by Finn; the deposit's page."""
        page = self.record(amount, text, **fields)
        assert "Confirm" not in [button.text for form in page.forms for button in form.buttons]
        return self.finn.press(page.path, "Confirm")

    def opened(self, **changes: Any) -> int:
        """Ada's challenge, paid in full and open."""
        challenge_id = self.approved(**changes)
        self.pay_in(self.challenge(challenge_id).cost, f"Prize {self.reference(self.ada, challenge_id)}")
        self.do_jobs("challenges.fund")
        self.wait_for_state(challenge_id, "open")
        return challenge_id

    def do_jobs(self, kind: str) -> None:
        """Do the jobs of a kind that are due and that no worker has taken: a journey may run without workers."""
        with self.platform.app.app_context():
            factories.run_jobs(kind)

    # ---- proposals

    def register(self, who: Visitor, challenge_id: int) -> Page:
        """Take part; the page that says so."""
        return who.press(f"/challenges/{challenge_id}/register", "Take part", accepted="y")

    def write(self, who: Visitor, challenge_id: int, title: str) -> int:
        """Begin a proposal, write it, add a file and view it before submission; returns its id."""
        editor = who.press(f"/challenges/{challenge_id}/register", "Start your proposal")
        page = who.press(
            editor,
            "Save and check",
            title=title,
            abstract="Leaks are found by the difference in arrival time at two hydrants.",
            body="## Approach\n\nCross-correlation of the two recordings after band-pass filtering.",
            files=(io.BytesIO(PDF), "measurements.pdf"),
        )
        assert "measurements.pdf" in page.words
        return page.id

    def finalise(self, who: Visitor, proposal_id: int, status: int = 200) -> Page:
        """Submit the draft as the version that counts."""
        return who.press(f"/proposals/{proposal_id}/submit", "Submit version 1", status=status)

    def answer(self, who: Visitor, challenge_id: int, title: str) -> int:
        """Register, write and submit; returns the proposal's id."""
        self.register(who, challenge_id)
        proposal_id = self.write(who, challenge_id, title)
        self.finalise(who, proposal_id)
        return proposal_id

    # ---- reviews and decision

    def review_all(self, challenge_id: int, points: dict[str, int]) -> int:
        """Every reviewer reviews their assignments; `points` (of 10) by the proposal's title. Returns the number of
        reviews.
        """
        made = 0
        for reviewer in self.reviewers:
            for link in reviewer.get("/reviews").links(r"/reviews/\d+"):
                page = reviewer.get(link)
                mark = next(value for title, value in points.items() if title in page.words)
                reviewer.press(page, "Submit review", self._scores(challenge_id, mark))
                made += 1
        return made

    def _scores(self, challenge_id: int, points: int) -> dict[str, Any]:
        scores = {f"points_{line.id}": points * line.scale // 10 for line in self.challenge(challenge_id).criteria}
        return {**scores, "comment": "Sound, and shown on sites that were not used for tuning; the cost is plausible."}

    def award(self, who: Visitor, challenge_id: int, place: int, proposal_id: int) -> None:
        """Give the prize of this place (from 1) to a proposal."""
        prize = self.challenge(challenge_id).prizes[place - 1]
        who.press(
            f"/challenges/{challenge_id}/awards",
            "Choose this award",
            {"award-prize_id": prize.id, "award-proposal_id": proposal_id, "award-reason": "The best on hidden sites."},
        )

    def decide(self, who: Visitor, challenge_id: int, reason: str = "") -> Page:
        """Publish the decision; the results page."""
        fields = {"decision-reason": reason}
        return who.press(f"/challenges/{challenge_id}/awards", "Yes, publish it", fields)

    # ---- money out

    def name_account(self, who: Visitor, home: str, holder: str, number: str = "6222 0210 0100 1234") -> None:
        """Set the bank account for payouts; `home` is the account statement with the link."""
        (link,) = who.get(home).links(r"/balance/payout-accounts/.*")
        fields = {"holder": holder, "bank": "Bank of Luoyang", "number": number}
        who.press(link, "Save the account", fields, password="not mine, but long enough", status=422)
        who.press(link, "Save the account", fields, password=PASSWORD)

    def ask_for_payout(self, who: Visitor, home: str, amount: int | None = None) -> int:
        """Request a payout from the statement's account, all of it unless `amount` is given; returns the
        payout's id.
        """
        (link,) = who.get(home).links(r"/balance/accounts/\d+/withdraw")
        fields = {} if amount is None else {"amount": major(amount)}
        return who.press(link, "Request payout", fields).id

    def batch(self) -> int:
        """Fen batches the requested payouts, Finn approves; the batch's id."""
        page = self.fen.press("/finance/payouts", "Create a batch in CNY")
        self.finn.press(page.path, "Approve")
        return page.id

    # ---- reading

    def challenge(self, challenge_id: int) -> Challenge:
        """The challenge's row as it is now."""
        with self.platform.app.app_context():
            whole = (selectinload(Challenge.prizes), selectinload(Challenge.criteria))
            row = db.session.get_one(Challenge, challenge_id, options=whole)
            db.session.expunge_all()
        return row

    def state(self, challenge_id: int) -> str:
        return str(self.challenge(challenge_id).state)

    def wait_for_state(self, challenge_id: int, state: str, seconds: float = 60) -> None:
        """Wait until the clock or a job has brought a challenge there."""
        self.platform.wait_until(lambda: self.state(challenge_id) == state, f"challenge is {state}", seconds)

    def wait_for_panel(self, challenge_id: int) -> None:
        """Wait until the job has formed the panel."""
        formed = "the panel is formed"
        self.platform.wait_until(lambda: self.challenge(challenge_id).panel_formed_at, formed)

    def wait_for_payout(self, who: Visitor, payout_id: int, words: str = "Paid") -> Page:
        """Wait until the bank response is on the payout's page."""
        page = self.platform.wait_until(
            lambda: next((p for p in [who.get(f"/balance/payouts/{payout_id}")] if words in p.words), None),
            f"payout {payout_id} is {words}",
        )
        assert page is not None
        return page

    def free(self, organisation_id: int) -> int:
        """An organisation's free balance in minor units."""
        return self._balance(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, organisation_id)

    def escrow(self, challenge_id: int) -> int:
        """The money in a challenge's escrow."""
        return self._balance(LedgerAccountKind.ESCROW, OwnerType.CHALLENGE, challenge_id)

    def fees(self) -> int:
        """What the platform has earned."""
        return self._balance(LedgerAccountKind.FEE, OwnerType.PLATFORM, 0)

    def _balance(self, kind: LedgerAccountKind, owner: OwnerType, owner_id: int) -> int:
        with self.platform.app.app_context():
            return ledger.balance(kind, owner, owner_id, "CNY")

    def times(self, action: str, challenge_id: int | None = None) -> int:
        """How often the audit says that something happened."""
        query = sa.select(sa.func.count()).where(AuditEvent.action == action)
        if challenge_id is not None:
            query = query.where(AuditEvent.challenge_id == challenge_id)
        with self.platform.app.app_context():
            return db.session.scalar(query) or 0

    def transfers(self, challenge_id: int) -> list[str]:
        """The keys of what went into a challenge's escrow and out of it, in order."""
        query = sa.select(Transfer.key).where(Transfer.challenge_id == challenge_id).order_by(Transfer.id)
        query = query.where(Transfer.kind.in_(("fund", "award", "honorarium", "refund")))
        with self.platform.app.app_context():
            return list(db.session.scalars(query))

    def check(self) -> list[LedgerFinding]:
        """What `crowd ledger check` finds."""
        with self.platform.app.app_context():
            return check.run_checks()

    def end_well(self) -> None:
        """How every journey ends: all jobs done, none dead, and the ledger right."""
        self.platform.wait_for_quiet()
        dead = self.platform.as_owner("SELECT kind, last_error FROM job WHERE state = 'dead'")
        assert dead == []
        assert self.check() == []


def brief() -> dict[str, Any]:
    """The fields of a brief, as they are typed, but for the third prize: it closes in twenty days."""
    closes_at = (datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M")
    fields = {
        "summary": "Ten minutes of sound from two hydrants; say whether there is a leak, and where.",
        "problem_statement": NEED,
        "stage": "1",
        "tags": "acoustics, leak detection, water",
        "rights": "A licence, not a transfer.",
        "time_zone": "UTC",
        "closes_at": closes_at,
    }
    prizes = [("First", "200,000"), ("Second", "70,000")]
    criteria = [("Detection on hidden sites", 60, 100), ("Cost per site", 40, 10)]
    for n, (title, amount) in enumerate(prizes):
        fields |= {f"prizes-{n}-title": title, f"prizes-{n}-amount": amount, f"prizes-{n}-award_count": "1"}
    for n, (title, weight, scale) in enumerate(criteria):
        fields |= {f"criteria-{n}-title": title, f"criteria-{n}-weight": str(weight), f"criteria-{n}-scale": str(scale)}
    return fields


def address(name: str) -> str:
    """A person's email address."""
    return f"{name.lower()}@people.example.org"


def major(amount: int) -> str:
    """Minor units of yuan as a person types them."""
    return f"{amount // 100}.{amount % 100:02d}"


def link_in(text: str) -> str:
    """The path of the first link in an email."""
    found = re.search(r"https?://[^/\s]+(/\S+)", text)
    assert found, text
    return found.group(1)
