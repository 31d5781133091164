"""Applications: organisations for their verification, and people to be experts, in several states."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

from crowd.accounts.experts import ADMISSION, MEASURE, NOMINATION
from crowd.accounts.verification.queries import KIND as VERIFICATION
from crowd.cases import services
from crowd.cases.workflow import Finding, VoteChoice
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LICENCE = b"%PDF-1.4\n% \xe8\x90\xa5\xe4\xb8\x9a\xe6\x89\xa7\xe7\x85\xa7\n%%EOF\n"
# Of twenty-two members twelve are a majority that nobody can change.
MAJORITY = (
    "yanbo", "qinlan", "geshu", "mengxi", "cuizhu", "niandong", "yaofu", "zhongli", "pangsheng", "shihe", "benedikt",
    "fiorella",
)  # fmt: skip
FEW = ("rosalind", "antonin", "yanbo", "hedda")


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """The oldest first."""
    yield _renewed(end - 33 * DAY)
    yield _refused(end - 24 * DAY)
    yield _admitted(end - 8 * DAY)
    yield _voted_on(end - 4 * DAY)
    yield _asked_about(end - 2 * DAY)
    yield _nominated(end - 1.5 * DAY)
    yield _waiting(end - 16 * HOUR)


def _apply(key: str, fields: str, evidence: str, employers: str, availability: str) -> str:
    person = personas.account(key)
    answers = {"fields": fields, "evidence": evidence, "employers": employers, "availability": availability}
    return services.file_case(person, ADMISSION, str(person.id), answers=answers).public_id


def _vote(key: str, case: str, choice: VoteChoice, reasons: str) -> None:
    services.vote(personas.account(key), case, 1, choice=choice, reasons=reasons)


def _renewed(at: datetime) -> Script:
    """A verified organisation renews in time, and the service centre grants it."""
    yield working(at)
    row = personas.organisation_row("hemu")
    answers = {"what": "水处理与发酵技术服务，可向姚敏之核实。"}
    case = services.file_case(personas.account("yaomin"), VERIFICATION, str(row.id), answers=answers).public_id
    yield working(at + 2 * DAY)
    eve = personas.account("eve")
    services.conclude(eve, case, 1, finding=Finding.YES, reasons="已与国家企业信用信息公示系统核对，信息一致。")


def _refused(at: datetime) -> Script:
    """Five vote, and when the time is over more are against."""
    yield working(at)
    case = _apply("xuanan", "few-shot learning\nmachine learning", "在读硕士，参与过两个课程项目。", "无", "周末")
    for number, key in enumerate((*FEW, "lars")):
        yield working(at + (2 + number) * DAY)
        against = key != "lars"
        _vote(
            key, case, VoteChoice.AGAINST if against else VoteChoice.FOR,
            "证明材料尚不足，欢迎积累后再申请。" if against else "Good proposals here so far.",
        )  # fmt: skip


def _admitted(at: datetime) -> Script:
    """Twelve vote for it; the last one this morning."""
    yield working(at)
    case = _apply(
        "heyao", "kilns\nceramics", "窑炉节能二十年，三项发明专利（2012、2016、2021），国家标准起草人之一。",
        "某陶瓷研究所（至2023年）", "每月四天",
    )  # fmt: skip
    for number, key in enumerate(MAJORITY):
        yield working(at + DAY + number * 0.5 * DAY)
        _vote(key, case, VoteChoice.FOR, "专利与标准工作可查，领域正需要。")


def _voted_on(at: datetime) -> Script:
    """Two have voted; the others have some days."""
    yield working(at)
    case = _apply(
        "amara", "signal processing\nmachine learning", "Eleven papers on anomaly detection since 2017.",
        "A university in Lagos; two years at a maker of sensors in Eindhoven.", "From March, two days a week",
    )  # fmt: skip
    for number, key in enumerate(("rosalind", "antonin")):
        yield working(at + (1 + number) * DAY)
        _vote(key, case, VoteChoice.FOR, "Careful work, and a field in which we lack reviewers.")


def _asked_about(at: datetime) -> Script:
    """An expert about whom the service centre asks has some days to reply."""
    yield working(at)
    about = str(personas.account("viktor").id)
    answers = {"ground": "late", "what": "Two reviews came more than a week after their date, without a word."}
    services.file_case(personas.account("eve"), MEASURE, about, answers=answers)


def _nominated(at: datetime) -> Script:
    """Who is nominated has not answered yet."""
    yield working(at)
    answers = {
        "fields": "signal processing\nacoustics", "evidence": "Won a place in three challenges on leak detection.",
        "employers": "Self-employed.", "availability": "To be agreed",
    }  # fmt: skip
    services.file_case(personas.account("rosalind"), NOMINATION, str(personas.account("niamh").id), answers=answers)


def _waiting(at: datetime) -> Script:
    """A new organisation has applied with its licence, and waits."""
    yield working(at)
    row = personas.organisation_row("chengjiang")
    answers = {"what": "制造潜水泵与排污泵，可向行政部核实。"}
    upload = (io.BytesIO(LICENCE), "营业执照.pdf")
    services.file_case(personas.account("luchengbo"), VERIFICATION, str(row.id), answers=answers, uploads=[upload])
