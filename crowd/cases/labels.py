"""The names of states of cases and steps, of findings, votes and bodies; and how answers of forms are shown."""

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from crowd.cases import bodies, form_answers
from crowd.cases.form_answers import Answers
from crowd.cases.workflow import CaseState, EntryAudience, Finding, StepState, VoteChoice
from crowd.errors import Sentence
from crowd.feature import Label
from crowd.procedure import FormQuestion, OnSilence, QuestionType, StepAct
from crowd.taxonomy.labels import term_name
from crowd.taxonomy.vocabulary import current
from crowd.web.templating import day, format_money, instant, number, percent

STATES = {
    CaseState.PENDING: Label(lazy_pgettext("case", "Pending"), "calm"),
    CaseState.GRANTED: Label(lazy_pgettext("case", "Granted"), "safe"),
    CaseState.PARTLY_GRANTED: Label(_l("Granted in part"), "safe"),
    CaseState.REFUSED: Label(lazy_pgettext("case", "Refused"), "warn"),
    CaseState.WITHDRAWN: Label(_l("Withdrawn")),
    CaseState.CARRIED_OUT: Label(lazy_pgettext("case", "Carried out"), "safe"),
    CaseState.LAPSED: Label(lazy_pgettext("case", "Lapsed")),
}
STEPS = {
    StepState.AHEAD: Label(_l("Not begun")),
    StepState.OPEN: Label(lazy_pgettext("case", "Open"), "calm"),
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
    VoteChoice.FOR: Label(_l("For"), "safe"),
    VoteChoice.PARTLY: Label(_l("For a part"), "safe"),
    VoteChoice.AGAINST: Label(_l("Against"), "warn"),
    VoteChoice.ABSTAIN: Label(_l("Abstains")),
    VoteChoice.RECUSED: Label(_l("Recused"), "warn"),
}
SILENCES = {
    OnSilence.GOES_ON: Label(_l("Without it by the date, the case goes on.")),
    OnSilence.GRANTS: Label(_l("Without it by the date, this counts as a yes.")),
    OnSilence.REFUSES: Label(_l("Without it by the date, this counts as a no.")),
}
ACTS = {
    StepAct.CHECK: Label(_l("Check")),
    StepAct.OPINION: Label(_l("Opinion")),
    StepAct.SIGNATURE: Label(_l("Signature")),
    StepAct.VOTE: Label(_l("Vote")),
}
BODIES = {key: Label(name) for key, name in bodies.NAMES.items()}
AUDIENCES = {
    EntryAudience.PARTIES: Label(_l("for everybody in the case")),
    EntryAudience.BODIES: Label(_l("only for those who decide"), "seal"),
    EntryAudience.EVERYBODY: Label(_l("minutes, for everybody"), "safe"),
}


def answer(question: FormQuestion, given: Answers) -> Sentence:
    """An answer as a person reads it; nothing where there is none."""
    text = given.get(question.name, "")
    if not text or question.choices:
        return question.choices.get(text, text)
    match question.type:
        case QuestionType.DATE:
            return day(date.fromisoformat(text))
        case QuestionType.WHOLE:
            return number(int(text))
        case QuestionType.PERCENT:
            return percent(int(text) / 10_000)
        case QuestionType.MONEY:
            return format_money(int(text), form_answers.currency_of(question, given), exact=True)
        case QuestionType.TERM:
            return term_name(current().get(question.scheme, text)) or text
        case _:
            shown = question.show(text)
            return instant(shown) if isinstance(shown, datetime) else shown
