"""A version's clauses as a page shows them, in the reader's language, and what differs between two in words."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from challenges.contract.clause import Clause, ClauseGroup
from challenges.contract.deciding_clauses import deciding, honoraria, support
from challenges.contract.document import brief_of, read_instant
from challenges.criteria import CriterionLine, kind_of
from challenges.entry import clauses as entry
from challenges.tiers import NEED_TIER
from challenges.types import TYPES, Type
from challenges.visibility import Visibility
from crowd.canonical import Document
from crowd.contracts.workflow import ChangeClass
from crowd.feature import declared
from crowd.file_kinds import megabytes
from crowd.languages import LANGUAGES
from crowd.notifications.kinds import path_to
from crowd.taxonomy.labels import term_name, terms
from crowd.taxonomy.schemes import STAGE
from crowd.taxonomy.vocabulary import current
from crowd.web.templating import duration, format_money, instant, labelled, number, percent

DAY = 24 * 3600
CONTEXT = 2  # lines around a change
MAX_COMPARED = 1_000_000  # words of one text times words of the other
TIME = r"\d{1,2}:\d\d(?::\d\d)?"
MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*"
# A date with its day of the week and its time, as pages and people write it.
DATES = "|".join((
    rf"(?:\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?\b\d{{1,2}} {MONTH} \d{{4}}(?:,? {TIME})?",
    rf"\b{MONTH} \d{{1,2}}, \d{{4}}(?:,? {TIME})?",
    rf"\d{{4}}年\d{{1,2}}月\d{{1,2}}日(?: ?(?:周|星期)[一二三四五六日])?(?: ?{TIME})?",
    rf"\b\d{{4}}-\d\d-\d\d(?:[ T]{TIME})?",
))  # fmt: skip
# Dates, sums, percentages and times as wholes, words, and signs; Chinese characters one by one: a changed one is
# marked alone.
WORDS = re.compile(rf"\s+|{DATES}|[\u3400-\u9fff]|[A-Z]{{0,3}}[¥€$£]?\d(?:[\d.,:]*\d)?%?|[^\W\u3400-\u9fff]+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause that differs; `words` are the parts of its text: (same | out | in, text)."""

    label: str
    words: Sequence[tuple[str, str]]


def sections(document: Document) -> list[ClauseGroup]:
    """The whole contract."""
    return [
        ClauseGroup(_("Problem"), list(_problem(document))),
        ClauseGroup(_("Prizes and fee"), list(_prizes(document))),
        ClauseGroup(_("Rubric"), list(_rubric(document))),
        ClauseGroup(_("Rights in the results"), [Clause("rights", _("Rights"), document["rights"], own=True)]),
        ClauseGroup(_("Dates"), list(_dates(document))),
        ClauseGroup(_("Proposals"), list(_proposals(document))),
        ClauseGroup(_("Judging and decision"), list(_judging(document))),
        *_support(document),
        *(ClauseGroup(title, list(found)) for title, found in entry.groups(document)),
        ClauseGroup(_("Who can read it"), [_visibility(document)]),
        *_rules(document),
    ]


def _visibility(document: Document) -> Clause:
    hidden = document["visibility"] == Visibility.INVITED
    text = _("Those who are invited or take part, and those who act on it for the platform") if hidden else None
    return Clause("visibility", _("Visibility"), text or _("Everybody"))


def _rules(document: Document) -> Iterator[ClauseGroup]:
    """The versions of the platform's rules from which the fee and the clocks are taken."""
    named = [
        Clause(
            f"rules.{one['set']}", _called(one["set"]),
            _("version %(number)s, SHA-256 %(digest)s", number=one["number"], digest=one["sha256"]),
            url=path_to("rules.show", name=one["set"], version=one["number"]),
        )
        for one in document["rules"]
    ]  # fmt: skip
    if named:
        yield ClauseGroup(_("By which rules"), named)


def _called(name: str) -> str:
    """What a set of rules is called; its word where it is not declared any more."""
    of = declared().rule_sets.get(name)
    return str(of.label) if of else name


def _problem(document: Document) -> Iterator[Clause]:
    problem, firm = document["problem"], document["for"]
    yield Clause("sponsor", _("Posted by"), document["sponsor"]["name"])
    if firm:
        yield Clause("for", _("For the firm"), firm["name"])
    rules = TYPES[Type(document["type"])]
    yield Clause("type", _("Type"), labelled(rules.name, rules.asks))
    tier = current().get(NEED_TIER, document["tier"] or "")
    yield Clause("tier", _("Tier of the need"), term_name(tier) or _("not stated"))
    yield Clause("title", _("Title"), problem["title"], own=True)
    yield Clause("summary", _("Summary"), problem["summary"], own=True)
    yield Clause("statement", _("Problem"), problem["statement"], own=True, prose=True)
    yield Clause("language", _("Language of the challenge"), LANGUAGES[problem["language"]].name)
    yield Clause("tags", _("Fields"), ", ".join(terms(problem["tags"])))
    stage = current().get(STAGE, problem["stage"] or "")
    yield Clause("stage", _("Required maturity"), term_name(stage) or _("Any"))


def _prizes(document: Document) -> Iterator[Clause]:
    currency = document["prizes"]["currency"]
    for place, tier in enumerate(document["prizes"]["tiers"]):
        amount = format_money(tier["amount"], currency)
        many = tier["award_count"] > 1
        each = _("%(number)s × %(amount)s", number=tier["award_count"], amount=amount) if many else amount
        yield Clause(f"prizes.{place}", tier["title"], each)
    total = sum(tier["amount"] * tier["award_count"] for tier in document["prizes"]["tiers"])
    yield Clause("total", _("All prizes"), format_money(total, currency))
    rate = percent(document["fee"]["basis_points"] / 10_000)
    text = _("%(rate)s of the prizes, paid by the sponsor on top", rate=rate)
    yield Clause("fee", _("Platform fee, version %(version)s of the fees", version=document["fee"]["version"]), text)


def _rubric(document: Document) -> Iterator[Clause]:
    for place, line in enumerate(brief_of(document).criteria):
        yield Clause(f"rubric.{place}", line.title, criterion_text(line))
    least = document["decision"]["passing"]
    text = _("at least %(least)s of 100", least=least) if least else _("Not set: every proposal can win.")
    yield Clause("passing", _("Passing score of the whole"), text)


def criterion_text(line: CriterionLine) -> str:
    """What the contract says of a criterion."""
    return "\n".join(_criterion(line))


def _criterion(line: CriterionLine) -> Iterator[str]:
    kind, weight = kind_of(line), percent(line.weight / 100)
    yield _("%(kind)s: %(scale)s; weight %(weight)s", kind=kind.name, scale=kind.scale_text(line), weight=weight)
    if line.description:
        yield line.description
    for points, words in kind.anchors(line):
        yield _("%(points)s means: %(words)s", points=points, words=words)
    if line.comment_required:
        yield _("Reviewers must say why.")
    if line.passing is not None:
        yield _("To win: %(least)s", least=kind.passing_text(line))


def _dates(document: Document) -> Iterator[Clause]:
    dates = document["dates"]
    yield Clause("opens_at", _("Opens"), _date(dates["opens_at"], _("as soon as the money is in escrow")))
    yield Clause("closes_at", _("Closes"), _date(dates["closes_at"], _("not set yet")))
    yield Clause("time_zone", _("Time zone of the sponsor"), dates["time_zone"])
    text = _("What has arrived in full by the close counts; it is processed until %(time)s later.",
             time=duration(dates["grace_seconds"]))  # fmt: skip
    yield Clause("grace_seconds", _("Grace"), text)
    text = _("Taken until %(time)s before the close.", time=duration(dates["question_seconds"]))
    yield Clause("question_seconds", _("Questions"), text)
    text = _("It moves the close by %(time)s at least, and asks everybody registered to accept again.",
             time=duration(dates["amendment_seconds"]))  # fmt: skip
    yield Clause("amendment_seconds", _("A material change"), text)


def _date(written: str | None, absent: str) -> str:
    """A date of a document; only a draft may lack one."""
    return instant(read_instant(written)) if written else absent


def _proposals(document: Document) -> Iterator[Clause]:
    rules, admission = document["proposals"], document["admission"]
    text = _("The service centre confirms each registration before a proposal can be submitted.")
    yield Clause("admission.confirmed", _("Registration"), text if admission["confirmed"] else _("It counts at once."))
    yield Clause("accepted", _("Proposals accepted at most"), number(rules["accepted"]))
    yield Clause("registrations", _("Registrations at most"), number(rules["registrations"]))
    yield Clause("characters", _("Characters of a proposal at most"), number(rules["characters"]))
    text = _("%(number)s, together %(size)s", number=number(rules["files"]), size=megabytes(rules["bytes"]))
    yield Clause("files", _("Files of a proposal at most"), text)
    yield Clause("people", _("People who share in a proposal at most"), number(rules["people"]))


def _support(document: Document) -> Iterator[ClauseGroup]:
    if document["support"]:
        yield ClauseGroup(_("Support besides the prizes"), list(support(document["support"])))


def _judging(document: Document) -> Iterator[Clause]:
    reviews, decision = document["reviews"], document["decision"]
    yield Clause("reviewers", _("Reviewers"), _(
        "The platform chooses them by field, without those who have a conflict of interest."
    ))  # fmt: skip
    yield Clause("of_each", _("Reviews of each proposal"), number(reviews["of_each"]))
    yield Clause("review_days", _("Time to review"), duration(reviews["days"] * DAY))
    yield Clause("ranked_by", _("Ranking"), _("By the weighted mean of the reviews’ points, as they were given."))
    yield from honoraria(reviews, document["prizes"]["currency"])
    yield from deciding(decision)
    yield Clause("appeal_seconds", _("Appeal period after the decision"), duration(decision["appeal_seconds"]))


def consequence(change_class: ChangeClass, closes_at: datetime) -> str:
    """What follows from a change of this class for those who have registered."""
    if change_class == ChangeClass.MATERIAL:
        text = _("Everybody registered must accept again, and the challenge closes on %(at)s.", at=instant(closes_at))
    elif change_class == ChangeClass.EXTENSION:
        text = _("The challenge closes on %(at)s for everybody; nobody has to accept again.", at=instant(closes_at))
    else:
        text = _("Everybody registered is notified; nobody has to accept again.")
    return text


def money_text(currency: str, cost: int, missing: int) -> str:
    """What a change that raises the prizes costs, and whether the free balance pays for it at once."""
    amount, short = format_money(cost, currency), format_money(max(missing, 0), currency)
    if missing <= 0:
        text = _("%(amount)s more goes into escrow, taken from your free balance at once.", amount=amount)
    else:
        text = _(
            "%(amount)s more must be in escrow. The version waits for it: your free balance is short by %(missing)s.",
            amount=amount,
            missing=short,
        )
    return text


def differences(before: Document, after: Document) -> list[ClauseChange]:
    """The clauses that differ, in the order of the page; what was added and what was left out, too."""
    return changed_clauses(sections(before), sections(after))


def changed_clauses(before: Sequence[ClauseGroup], after: Sequence[ClauseGroup]) -> list[ClauseChange]:
    """`differences` of any two pages of clauses."""
    old = {clause.key: clause for section in before for clause in section.clauses}
    new = {clause.key: clause for section in after for clause in section.clauses}
    found = []
    for key in [*new, *(key for key in old if key not in new)]:
        was, now = (_text(one.get(key), new.get(key)).strip() for one in (old, new))
        if was != now:
            found.append(ClauseChange((new.get(key) or old[key]).label, list(marked_words(was, now))))
    return found


def _text(clause: Clause | None, other: Clause | None) -> str:
    """A clause's text; with its name where that is the sponsor's own and has changed, too."""
    if clause is None:
        return ""
    renamed = other is not None and other.label != clause.label
    return labelled(clause.label, clause.text) if renamed else clause.text


def marked_words(before: str, after: str) -> Iterator[tuple[str, str]]:
    """The two texts as one: lines that differ, and in these the words, as `difflib` of Python's library finds them."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new).get_opcodes():
        out, into = "".join(old[a:b]), "".join(new[c:d])
        if tag == "equal":
            yield "same", _shortened(old[a:b], begins=a == 0, ends=b == len(old))
        else:
            yield from _marked(WORDS.findall(out), WORDS.findall(into))


def _shortened(lines: Sequence[str], *, begins: bool, ends: bool) -> str:
    """Lines that stay, of which those next to a change are shown."""
    before = [] if begins else lines[:CONTEXT]
    after = [] if ends else lines[-CONTEXT:]
    if len(lines) <= len(before) + len(after) + 1:
        return "".join(lines)
    return "".join([*before, "…\n", *after])


def _marked(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Word by word where that is not too much: comparing costs up to the product of the lengths."""
    whole = [("replace", 0, len(old), 0, len(new))]
    small = len(old) * len(new) <= MAX_COMPARED
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if small else whole:
        if tag == "equal":
            yield "same", "".join(old[a:b])
            continue
        for kind, words in (("out", old[a:b]), ("in", new[c:d])):
            if words:
                yield kind, "".join(words)
