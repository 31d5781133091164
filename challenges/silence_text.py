"""What follows from equal means and from silence, as sentences for a reader."""

from flask_babel import gettext as _

from challenges.deciding import AfterCentre, Silence, TieRule
from challenges.models import Challenge
from challenges.rules import rules_of
from challenges.silence import consequence, reminders
from crowd.web.templating import duration

DAY = 24 * 3600


def ties_text(rule: TieRule) -> str:
    """What follows from equal means."""
    words = {
        TieRule.SPONSOR: _("They share a rank; the sponsor chooses between them, with reasons."),
        TieRule.SHARE: _(
            "They share the prizes of the places that they cover, in equal parts to the smallest unit of the currency;"
            " units that remain go to those submitted first."
        ),
        TieRule.EARLIEST: _("The proposal that was submitted first goes ahead."),
    }
    return words[rule]


def silence_text(silence: Silence, after: AfterCentre, centre_days: int) -> str:
    """What follows where the sponsor does not decide in time."""
    days = duration(centre_days * DAY)
    if silence == Silence.CENTRE and after == AfterCentre.RANKING:
        text = _(
            "The service centre decides within %(days)s, or the council in its place. Where they are silent, too, the"
            " platform distributes the prizes by ranking.",
            days=days,
        )
    elif silence == Silence.CENTRE:
        text = _(
            "The service centre decides within %(days)s, or the council in its place. Where they are silent, too,"
            " nothing is awarded and all money returns to the sponsor.",
            days=days,
        )
    elif silence == Silence.RANKING:
        text = _("The platform distributes the prizes by ranking, at once.")
    elif silence == Silence.REFUND:
        text = _("Nothing is awarded: all money returns to the sponsor, whatever the reviews say.")
    else:
        text = _("The service centre or the council may decide.")
    return text


def text_of(challenge: Challenge) -> str:
    """The same for a challenge."""
    return silence_text(challenge.silence, challenge.centre_silence, rules_of(challenge).centre_decision_days)


def ties_of(challenge: Challenge) -> str:
    """`ties_text` for a challenge."""
    return ties_text(challenge.tie_rule)


def ranking_of(challenge: Challenge) -> str:
    """How the prizes of a challenge go by ranking; empty where they never do."""
    return ranking_text(challenge.tie_rule) if consequence(challenge) == AfterCentre.RANKING else ""


def ranking_text(rule: TieRule) -> str:
    """How prizes go by ranking, where nobody has decided."""
    if rule == TieRule.EARLIEST:
        return _("By ranking: the best mean gets the first prize, and so on; of equal means the proposal that was"
                 " submitted first goes ahead. Proposals without a review, or"
                 " below a passing score of the contract, get nothing.")  # fmt: skip
    return _("By ranking: the best mean gets the first prize, and so on; equal means share the prizes of the places"
             " that they cover in equal parts, and units that remain go to those submitted first. Proposals without a"
             " review, or below a passing score of the contract, get nothing.")  # fmt: skip


def reminder_text(days: int) -> str:
    """When whoever decides is reminded."""
    times = [duration(int(time.total_seconds())) for time in reminders(days)]
    return _("%(times)s before each date.", times=", ".join(times))
