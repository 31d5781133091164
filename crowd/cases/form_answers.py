"""Answers of the form by which a case is filed: how each is kept as a text and checked, by the type of its question.

`forms` has the field that asks it, `labels` how it is shown; services check what is kept, whoever calls them.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _

from crowd import money
from crowd.config import limits
from crowd.errors import Invalid, Sentence
from crowd.money import Money
from crowd.procedure import CaseKind, FormQuestion, QuestionType
from crowd.taxonomy.vocabulary import current

WHOLE = 10_000  # hundredths of a percent
MAX_LINE = 200  # characters of an answer in one line
UNTYPED = (QuestionType.FACT, QuestionType.FILES)  # questions whose answers nobody types
Answers = Mapping[str, str]


def kept(data: object) -> str:
    """A field's data as it is kept: fields of work one a line, nothing where there is nothing."""
    if data is None:
        return ""
    if isinstance(data, list):
        return "\n".join(data)
    return data.isoformat() if isinstance(data, date) else str(data).strip()


def data_of(question: FormQuestion, answers: Answers) -> object:
    """What is kept as the field's data: a date, a number, an amount in minor units, a list, else the text itself; None
    where there is nothing. Raises ValueError.
    """
    text = answers.get(question.name, "")
    if not text:
        return None
    match question.type:
        case QuestionType.FIELDS:
            return text.split("\n")
        case QuestionType.DATE:
            return date.fromisoformat(text)
        case QuestionType.WHOLE:
            return _number(text, question.most)
        case QuestionType.PERCENT:
            return Decimal(_number(text, WHOLE)) / 100
        case QuestionType.MONEY:
            return Money(currency_of(question, answers), _number(text, money.MAX_AMOUNT)).amount
        case _:
            return text


def currency_of(question: FormQuestion, answers: Answers) -> str:
    """The currency of an amount."""
    return answers.get(question.currency, question.currency)


def _number(text: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= most):
        raise ValueError(text)
    return int(text)


def checked(kind: CaseKind, answers: Answers, known: Answers, *, with_conditions: bool = True) -> dict[str, str]:
    """The answers of a form, and the facts. Raises Invalid with messages by question, and where a condition does not
    hold.
    """
    typed = [question for question in kind.form if question.type not in UNTYPED]
    found = {question.name: answers.get(question.name, "").strip() for question in typed}
    found |= {question.name: known[question.name] for question in kind.form if question.type == QuestionType.FACT}
    if fields := {one.name: [error] for one in typed if (error := _error(one, found))}:
        raise Invalid(_("Please correct the following"), fields=fields)
    if kind.check is not None:
        kind.check(found)
    if with_conditions and kind.conditions is not None and not all(one.holds for one in kind.conditions(found)):
        raise Invalid(_("This cannot be filed: not all conditions hold. The list says which."))
    return found


def _error(question: FormQuestion, answers: Answers) -> Sentence:
    """What is wrong with an answer; nothing where it is right."""
    text = answers[question.name]
    if not text:
        return "" if question.optional else _("This is needed.")
    most = MAX_LINE if question.type == QuestionType.LINE else limits().max_reason_length
    if len(text) > most:
        return _("This may have at most %(most)s characters.", most=most)
    if len(text) < question.least:
        return _("Write at least %(least)s characters.", least=question.least)
    if not _is_listed(question, text):
        return _("Choose one of these.")
    try:
        data_of(question, answers)
    except ValueError:
        return _("This cannot be read.")
    return ""


def _is_listed(question: FormQuestion, text: str) -> bool:
    """Whether an answer is in the list of its question, where there is one."""
    if question.choices:
        return text in question.choices
    if question.type == QuestionType.CURRENCY:
        return text in money.CURRENCIES
    return question.type != QuestionType.TERM or current().get(question.scheme, text) is not None
