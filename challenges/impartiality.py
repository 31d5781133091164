"""The parties of a proposal do nothing for the platform with its challenge, whatever role they have.

The rule applies to published challenges: before that there are no proposals. The parties are known in an upper package,
`submissions.parties`, which registers its rule here.
"""

from collections.abc import Callable, Collection, Iterable

from flask_babel import lazy_gettext as _

from challenges.models import Challenge
from crowd.accounts.models import User
from crowd.audit import Actor
from crowd.errors import Forbidden, Sentence

Rule = Callable[[int, Collection[int]], set[int]]
_rules: list[Rule] = []


def party_rule(rule: Rule) -> Rule:
    """Register `rule(user_id, challenge_ids)`, which says of which of these a person is a party of a proposal."""
    _rules.append(rule)
    return rule


def is_party(actor: Actor | None, challenge: Challenge) -> bool:
    """Whether the person is, or since the publication was, a party of one of the proposals, final or not."""
    return challenge.id in party_in(actor, [challenge])


def party_in(actor: Actor | None, challenges: Iterable[Challenge]) -> set[int]:
    """The ids of those of these challenges in which the person is a party."""
    published = [challenge.id for challenge in challenges if challenge.published_at is not None]
    return part_in(actor.id, published) if isinstance(actor, User) and published else set()


def part_in(user_id: int, challenge_ids: Collection[int]) -> set[int]:
    """The same by ids; there is no proposal before the publication."""
    (rule,) = _rules
    return rule(user_id, challenge_ids)


def why_not(actor: Actor | None, challenge: Challenge) -> Sentence:
    """Why the person must not act on the challenge for the platform, as a sentence for them; empty where they may."""
    if not is_party(actor, challenge):
        return ""
    return _(
        "You are behind a proposal for this challenge, or have been since it was published. Somebody else must act on"
        " it for the platform."
    )


def refuse_party(actor: Actor | None, challenge: Challenge) -> None:
    """Raise Forbidden, with this sentence, where the person must not act."""
    if reason := why_not(actor, challenge):
        raise Forbidden(reason)
