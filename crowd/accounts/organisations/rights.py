"""Roles in an organisation: who may do what for it, and which kinds of organisations post and answer.

The tables of this file are the whole rule. Policies ask `User.may(right, organisation_id)`, which reads them; nothing
else asks for a role by its name.
"""

from enum import StrEnum


class MemberRole(StrEnum):
    """A person's role in one organisation. There is always an owner."""

    OWNER = "owner"
    MANAGER = "manager"
    FINANCE = "finance"
    MEMBER = "member"


class OrganisationKind(StrEnum):
    """What an organisation is."""

    ENTERPRISE = "enterprise"
    AGENCY = "agency"
    INSTITUTE = "institute"
    UNIVERSITY = "university"
    GOVERNMENT = "government"
    PARK = "park"


class Right(StrEnum):
    """What a person may do for an organisation."""

    POST = "post"  # draft, edit, submit, withdraw and cancel its challenges, and read the proposals to them
    DECIDE = "decide"  # decide on the awards of its challenges
    ANSWER = "answer"  # register it for a challenge and write its proposal
    LEAD_PROPOSALS = "lead_proposals"  # read, submit and withdraw its proposals, agree to its shares
    VIEW_MONEY = "view_money"  # see its balance and transfers
    FUND = "fund"  # transfer its free balance into escrow
    GRANT = "grant"  # agree to support in kind that it grants, and confirm its use
    PAY_OUT = "pay_out"  # request payouts and set payout accounts; hears of its money
    DESCRIBE = "describe"  # edit its description, registration, contact and documents
    MANAGE_MEMBERS = "manage_members"  # invite, remove and change roles, as far as GRANTS says
    MANAGE_PARKS = "manage_parks"  # of a park: invite firms and end that; of a firm: agree and end that
    HAND_OVER = "hand_over"  # make a successor the owner and leave
    CLOSE = "close"  # close the organisation


_O, _M, _F, _W = MemberRole.OWNER, MemberRole.MANAGER, MemberRole.FINANCE, MemberRole.MEMBER
RIGHTS: dict[Right, tuple[MemberRole, ...]] = {
    Right.POST: (_O, _M, _W),
    Right.DECIDE: (_O, _M, _W),
    Right.ANSWER: (_O, _M, _W),
    Right.LEAD_PROPOSALS: (_O, _M),
    Right.VIEW_MONEY: (_O, _M, _F, _W),
    Right.FUND: (_O, _F),
    Right.GRANT: (_O, _M),
    Right.PAY_OUT: (_O, _F),
    Right.DESCRIBE: (_O, _M),
    Right.MANAGE_MEMBERS: (_O, _M),
    Right.MANAGE_PARKS: (_O, _M),
    Right.HAND_OVER: (_O,),
    Right.CLOSE: (_O,),
}
# A closed organisation can take no new action: it keeps its books, and who may take its money and its place.
KEPT = (Right.VIEW_MONEY, Right.PAY_OUT, Right.HAND_OVER)
# The roles that a person of each role may give and take, by invitation, change or removal.
GRANTS: dict[MemberRole, tuple[MemberRole, ...]] = {_O: (_O, _M, _F, _W), _M: (_W,), _F: (), _W: ()}


def rights_of(role: MemberRole) -> list[Right]:
    """The rights of a role."""
    return [right for right, roles in RIGHTS.items() if role in roles]


def roles_with(*rights: Right) -> list[MemberRole]:
    """The roles that have at least one of these rights."""
    return [role for role in MemberRole if any(role in RIGHTS[right] for right in rights)]


# Which kinds post challenges, and which answer them as organisations. People answer for themselves.
POSTS = (
    OrganisationKind.ENTERPRISE,
    OrganisationKind.INSTITUTE,
    OrganisationKind.UNIVERSITY,
    OrganisationKind.GOVERNMENT,
    OrganisationKind.PARK,
)
ANSWERS = (OrganisationKind.AGENCY, OrganisationKind.INSTITUTE, OrganisationKind.UNIVERSITY)
