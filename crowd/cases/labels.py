"""The names of states of cases and steps, of findings, votes and organs."""

from flask_babel import lazy_gettext as _l

from crowd.cases import organs
from crowd.cases.workflow import Audience, CaseState, Choice, Finding, StepState
from crowd.feature import Label
from crowd.procedure import Act, Silence

STATES = {
    CaseState.PENDING: Label(_l("Pending"), "calm"),
    CaseState.GRANTED: Label(_l("Granted"), "safe"),
    CaseState.PARTLY_GRANTED: Label(_l("Granted in part"), "safe"),
    CaseState.REFUSED: Label(_l("Refused"), "warn"),
    CaseState.WITHDRAWN: Label(_l("Withdrawn")),
}
STEPS = {
    StepState.AHEAD: Label(_l("Not begun")),
    StepState.OPEN: Label(_l("Open"), "calm"),
    StepState.CONCLUDED: Label(_l("Concluded"), "safe"),
    StepState.SILENT: Label(_l("Time over"), "warn"),
    StepState.SKIPPED: Label(_l("Not needed")),
}
FINDINGS = {
    Finding.YES: Label(_l("Yes"), "safe"),
    Finding.PARTLY: Label(_l("In part"), "safe"),
    Finding.NO: Label(_l("No"), "warn"),
    Finding.GIVEN: Label(_l("Opinion given")),
}
CHOICES = {
    Choice.FOR: Label(_l("For"), "safe"),
    Choice.PARTLY: Label(_l("For a part"), "safe"),
    Choice.AGAINST: Label(_l("Against"), "warn"),
    Choice.ABSTAIN: Label(_l("Abstains")),
    Choice.RECUSED: Label(_l("Recused"), "warn"),
}
SILENCES = {
    Silence.GOES_ON: Label(_l("Without it by the date, the case goes on.")),
    Silence.GRANTS: Label(_l("Without it by the date, this counts as a yes.")),
    Silence.REFUSES: Label(_l("Without it by the date, this counts as a no.")),
}
ACTS = {
    Act.CHECK: Label(_l("Check")),
    Act.OPINION: Label(_l("Opinion")),
    Act.SIGNATURE: Label(_l("Signature")),
    Act.VOTE: Label(_l("Vote")),
}
ORGANS = {key: Label(name) for key, name in organs.NAMES.items()}
AUDIENCES = {
    Audience.PARTIES: Label(_l("parties and organs")),
    Audience.ORGANS: Label(_l("organs only"), "seal"),
}
