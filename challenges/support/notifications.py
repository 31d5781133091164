"""Who hears of support and vouchers: the grantor, the sponsor, and the party."""

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext as _l

from challenges import queries
from challenges.models import Challenge
from challenges.notifications import KINDS
from challenges.support.models import SupportLine, Voucher
from crowd.accounts.organisations.rights import Right
from crowd.notifications.kinds import path_to
from crowd.notifications.services import notify
from crowd.values import moment

ASKED = KINDS.define(
    "challenges.support_asked",
    _l("Do you grant this? %(title)s"),
    _l("%(organisation)s names you in a draft as granting %(support)s to each party. Agree or decline."),
)
AGREED = KINDS.define(
    "challenges.support_agreed",
    _l("Support agreed: %(title)s"),
    _l("%(grantor)s grants %(support)s."),
)
DECLINED = KINDS.define(
    "challenges.support_declined",
    _l("Support declined: %(title)s"),
    _l("%(grantor)s does not grant %(support)s. Remove it from the draft, or ask somebody else."),
)
GRANTED = KINDS.define(
    "challenges.voucher_granted",
    _l("A voucher for you: %(title)s"),
    _l("%(grantor)s grants you %(support)s. Redeem the voucher by %(expires_at)s."),
)
REDEEMED = KINDS.define(
    "challenges.voucher_redeemed",
    _l("A voucher is redeemed: %(title)s"),
    _l("%(party)s redeems %(support)s. Confirm it once it was used, or hand it back with a reason."),
)
CONFIRMED = KINDS.define(
    "challenges.voucher_confirmed",
    _l("Voucher used: %(title)s"),
    _l("%(grantor)s has confirmed that %(support)s was used."),
)
HANDED_BACK = KINDS.define(
    "challenges.voucher_handed_back",
    _l("Your voucher was handed back: %(title)s"),
    _l("%(grantor)s cannot give you %(support)s as you asked. The reason: %(reason)s. You can redeem it again."),
)
SOON = KINDS.define(
    "challenges.voucher_expires_soon",
    _l("Your voucher expires soon: %(title)s"),
    _l("Redeem %(support)s at %(grantor)s by %(expires_at)s."),
)
EXPIRED = KINDS.define(
    "challenges.voucher_expired",
    _l("Your voucher has expired: %(title)s"),
    _l("%(support)s at %(grantor)s was not redeemed in time."),
)


def _quantity(line: SupportLine) -> str:
    """`20 hours of the rheometer` as the sponsor wrote it: `20 × hours, rheometer`."""
    return f"{line.quantity} {line.unit} · {line.title}"


def asked(challenge: Challenge, line: SupportLine) -> None:
    """The people of the grantor who may agree."""
    people = queries.members(line.grantor_id, Right.GRANT)
    params = {"organisation": challenge.organisation.name, "support": _quantity(line)}
    path = path_to("support.show", challenge_id=challenge.id)
    _notify(people, ASKED, challenge, params, key=str(line.id), path=path)


def answered(challenge: Challenge, line: SupportLine) -> None:
    """The sponsor."""
    at = line.agreed_at or line.declined_at
    people = queries.members(challenge.organisation_id, Right.POST)
    params = {"grantor": line.grantor.name, "support": _quantity(line)}
    kind, path = AGREED if line.agreed_at else DECLINED, path_to("support.show", challenge_id=challenge.id)
    _notify(people, kind, challenge, params, key=f"{line.id}:{at.isoformat() if at else ''}", path=path)


def granted(challenge: Challenge, voucher: Voucher) -> None:
    """The party."""
    _tell_party(voucher, GRANTED, challenge, key=voucher.public_id)


def expires_soon(voucher: Voucher) -> None:
    """The party, once."""
    _tell_party(voucher, SOON, voucher.line.challenge, key=voucher.public_id)


def expired(voucher: Voucher) -> None:
    """The party."""
    _tell_party(voucher, EXPIRED, voucher.line.challenge, key=voucher.public_id)


def confirmed(voucher: Voucher) -> None:
    """The party."""
    _tell_party(voucher, CONFIRMED, voucher.line.challenge, key=voucher.public_id)


def handed_back(voucher: Voucher) -> None:
    """The party."""
    at = voucher.redeemed_at.isoformat() if voucher.redeemed_at else ""
    _tell_party(voucher, HANDED_BACK, voucher.line.challenge, key=f"{voucher.public_id}:{at}")


def redeemed(voucher: Voucher) -> None:
    """The people of the grantor who may confirm."""
    people, challenge = queries.members(voucher.line.grantor_id, Right.GRANT), voucher.line.challenge
    party = voucher.organisation.name if voucher.organisation else voucher.user.name
    params = {"party": party, "support": _quantity(voucher.line)}
    at = voucher.redeemed_at.isoformat() if voucher.redeemed_at else ""
    _notify(people, REDEEMED, challenge, params, key=f"{voucher.public_id}:{at}", path=path_to("support.vouchers"))


def _tell_party(voucher: Voucher, kind: str, challenge: Challenge, *, key: str) -> None:
    whose = voucher.organisation_id
    people = [voucher.user_id] if whose is None else [voucher.user_id, *queries.members(whose, Right.LEAD_PROPOSALS)]
    params = {
        "grantor": voucher.line.grantor.name, "support": _quantity(voucher.line), "reason": voucher.reason,
        "expires_at": moment(voucher.expires_at),
    }  # fmt: skip
    _notify(people, kind, challenge, params, key=key, path=path_to("support.vouchers"))


def _notify(
    people: Iterable[int], kind: str, challenge: Challenge, params: Mapping[str, object], *, key: str, path: str
) -> None:
    for user_id in sorted(set(people)):
        known = {"title": challenge.title, **params}
        notify(user_id, kind=kind, key=f"{kind}:{key}", path=path, params=known, challenge_id=challenge.id)
