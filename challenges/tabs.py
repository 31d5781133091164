"""The pages of a challenge, and those of administration that belong to challenges."""

from collections.abc import Iterator

from flask_babel import gettext as _

from challenges.entry.queries import has_materials
from challenges.funding.policy import can_view_funding
from challenges.invitations.policy import can_see_invitations
from challenges.models import Challenge
from challenges.screening import queries as screening
from crowd.audit import Actor
from crowd.feature import Tab

MONEY = ("funding.show", "funding.transfers")  # one tab: the first page for those who pay, the second for everybody


def of_challenge(actor: Actor | None, challenge: Challenge) -> Iterator[Tab]:
    """The problem and its history always; prizes and money where they are held here."""
    here = not challenge.external
    pays = bool(challenge.approved_at) and can_view_funding(actor, challenge)
    yield Tab(10, _("Problem") if here else _("The challenge"), "challenges.show")
    if here and has_materials(challenge):
        yield Tab(15, _("Attachments"), "materials.show", pages=("materials.nda",))
    if here:
        yield Tab(20, _("Prizes and rubric"), "challenges.prizes", pages=("support.show",))
    if here and challenge.published_at:
        yield Tab(28, _("Questions"), "discussion.show")
        yield Tab(25, _("Contract"), "contracts.show", pages=("contracts.changes", "contracts.amend"))
    if pays or (here and challenge.funded_at):
        label, endpoint = (_("Funding"), MONEY[0]) if pays else (_("Transfers"), MONEY[1])
        yield Tab(30, label, endpoint, pages=MONEY)
    if here and can_see_invitations(actor, challenge):
        yield Tab(32, _("Invitations"), "invitations.index")
    yield Tab(90, _("History"), "challenges.history")


def of_administration(_actor: Actor | None) -> Iterator[Tab]:
    """Screening, with what waits there."""
    yield Tab(
        10,
        _("Screening"),
        "challenges.screening",
        _("Challenges awaiting the service centre."),
        count=screening.count_waiting(),
    )
    yield Tab(15, _("Templates"), "brief_templates.index", _("Rubrics, problems and rights that sponsors begin with."))


def of_account(_actor: Actor | None) -> Iterator[Tab]:
    """The challenges to which a person is invited, their vouchers, and the searches that they have saved."""
    yield Tab(17, _("Invitations"), "invitations.mine")
    yield Tab(18, _("Vouchers"), "support.vouchers")
    yield Tab(42, _("Saved searches"), "searches.index", pages=("searches.new",))
