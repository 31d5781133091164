"""The names of a challenge's states on pages."""

from flask_babel import lazy_gettext as _l

from challenges import next_steps
from challenges.deciding import AfterCentre, Silence, TieRule
from challenges.workflow import ChallengeState
from crowd.feature import Label

STATES = {
    ChallengeState.DRAFT: Label(_l("Draft")),
    ChallengeState.SCREENING: Label(_l("In screening"), "warn"),
    ChallengeState.APPROVED: Label(_l("Approved"), "warn"),
    ChallengeState.FUNDED: Label(_l("Funded"), "safe"),
    ChallengeState.OPEN: Label(_l("Open"), "safe"),
    ChallengeState.JUDGING: Label(_l("Judging"), "calm"),
    ChallengeState.DECIDED: Label(_l("Decided"), "calm"),
    ChallengeState.SETTLED: Label(_l("Settled"), "safe"),
    ChallengeState.CANCELLED: Label(_l("Cancelled")),
    ChallengeState.LISTED: Label(_l("Listed")),
    ChallengeState.ARCHIVED: Label(_l("Archived")),
}
NEXT_STEPS = {phase: Label(text) for phase, text in next_steps.NOW.items()}
TIES = {
    TieRule.SPONSOR: Label(_l("Whoever decides chooses between them, with reasons")),
    TieRule.SHARE: Label(_l("They share the prizes of their places")),
    TieRule.EARLIEST: Label(_l("The proposal that was submitted first goes ahead")),
}
SILENCE = {
    Silence.CENTRE: Label(_l("The service centre decides")),
    Silence.RANKING: Label(_l("The prizes go by ranking")),
    Silence.REFUND: Label(_l("All money returns to the sponsor")),
    Silence.CENTRE_OR_COUNCIL: Label(_l("The service centre or the council may decide")),
}
AFTER_CENTRE = {
    AfterCentre.RANKING: Label(_l("The prizes go by ranking")),
    AfterCentre.REFUND: Label(_l("All money returns to the sponsor")),
}
FINDINGS = {
    "contract_missing": Label(_l("A challenge has opened without a contract")),
    "contract_projection": Label(_l("A challenge is not what its contract says")),
}
