"""The names of a challenge's states on pages."""

from flask_babel import lazy_gettext as _l

from challenges import next_steps
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
FINDINGS = {
    "contract_missing": Label(_l("A challenge has opened without a contract")),
    "contract_projection": Label(_l("A challenge is not what its contract says")),
}
