"""A challenge for ideas with eight equal awards, settled; a standard service whose registrations the centre confirms;
and a draft that began with templates.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from challenges import services as challenges
from challenges.brief import Brief, PrizeLine
from challenges.brief_templates import queries as templates
from challenges.brief_templates import services as brief_templates
from challenges.brief_templates.models import TemplateKind
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.rubric import Number
from crowd import clock
from crowd.db import db
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Part, Script, Simulator, chance
from crowd.demo.timeline import approve
from crowd.ledger.deposits import services as deposits
from crowd.ledger.workflow import DepositState
from scoring.awards import services as awards
from scoring.models import Assignment
from scoring.reviews import services as reviews
from scoring.reviews.queries import criteria_of
from submissions import services as submissions
from submissions.confirmation import services as confirmation
from submissions.models import Registration

DAY = timedelta(days=1)
SPONSOR, FIRM = "ada", "luojian-water"
NIGHT = Brief(
    title="夜间巡检还能顺手发现什么",
    summary="我们的巡检员每晚走遍全城。除了听漏，他们还能顺手看到、听到或量到什么？",
    problem_statement="每晚有二十二名巡检员步行或骑车走完约一百八十公里管线。他们带着听音杆、手机和手电。\n\n"
    "请提出一个想法：他们顺手还能发现什么，需要带什么，数据给谁用。不需要证明，一页足够。",
    language="zh_Hans_CN",
    tags=("pipe networks", "leak detection", "sensors"),
    tier="grand",
    prizes=[PrizeLine(title="创意奖", amount=100_000, award_count=8)],
)
IDEAS = {
    "luojin": ("井盖异响地图", "手机放在口袋里就能录下车辆压过井盖的声音，松动的井盖声音不同，第二天交给市政维修。"),
    "xiewen": ("量一量消防栓的水温", "同一片区水温突然偏高，多半是末梢水停留太久，可提前安排冲洗。"),
    "pengyu": ("路面湿痕的照片", "不下雨的夜里拍下湿痕，和前一晚的照片比对，新出现的湿痕排到听漏清单最前面。"),
    "baixue": ("余氯试纸接力", "每人每晚测三个点，颜色用手机拍照读数，半个月就有一张全城余氯图。"),
    "tanxin": ("听变压器", "听音杆贴在路边箱变上十秒，嗡声变化交给供电公司，换取他们巡线时替我们看井。"),
    "yinshuo": ("空调水滴的去向", "记录哪些雨水口在晴夜仍有流水，雨污混接点就在附近。"),
    "luzhen": ("手电照一照阀门铭牌", "拍下铭牌，文字识别后补全台账，三个月补齐最老的两千个阀门。"),
    "kangli": ("静夜噪声本底", "每个听漏点多录十秒环境声，建立本底，以后机器听漏就知道这里平时什么样。"),
    "muqing": ("巡检路线抽签", "每晚随机交换一成路线，同一段由不同的人听，漏听率就能算出来。"),
    "jiheng": ("请市民一起听", "在公园里放几根公用听音杆，附上示范录音，让市民体验。"),
}
WHY = "八个想法都能在一个月内用现有人员和设备试起来，费用不超过奖金本身。"
COMMENTS = (  # by reviewer, each of whom says it of every idea in turn
    "关于《%s》：想法说得清楚，现有巡检员不用多走一步就能试；希望补充一句数据最后交给谁、多久看一次。",
    "读《%s》时我想的是夜里两点的那个人：能不能单手做完，做错了有没有人发现。这一条基本做到了，补一张流程图就可以试。",
    "《%s》的好处在于先试后买，一周就能知道行不行；不足是没有说清楚怎样算成功，建议写明两个可以数出来的指标。",
    "对《%s》，我主要看它会不会给台账添乱。按文中的做法只多一列，可以接受，但要先说清楚由谁填写、由谁核对。",
    "《%s》与别处已有的做法相近，但放进夜间巡检里是新的；建议先在一个片区试三个月，再看要不要推开。",
)
SERVICE = Brief(
    title="Calibrate forty accelerometers from our spindle test stands",
    summary="Forty piezoelectric accelerometers need a traceable calibration before the end of the year.",
    problem_statement="Forty sensors of two types, with their old certificates. We need a certificate for each, "
    "traceable to a national standard, with the sensitivity at 80 Hz and the deviation from 5 Hz to 10 kHz.\n\n"
    "We send them in two parcels. Say when you can take each, how long it takes, and the price of one.",
    language="en",
    currency="EUR",
    tags=("metrology", "sensors"),
    tier="standard",
    prizes=[PrizeLine(title="Order", amount=240_000)],
    time_zone="Europe/Berlin",
)
REGISTERED = {"tomasz": "northlight", "lvping": "zhongyuan-acoustics"}  # the second one waits for the centre


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """The ideas of two months ago, the service of this week, and the draft of yesterday."""
    yield _ideas(end - 84 * DAY)
    yield _service(end - 13 * DAY, end)
    yield _draft(end - DAY)


def _begun(person: str, house: str, brief: Brief, closes: datetime) -> Challenge:
    """A draft with the rubric of its tier, complete and submitted."""
    sponsor = personas.account(person)
    first = replace(brief, prizes=(), problem_statement="", summary="")
    row = brief_templates.begin(sponsor, personas.organisation_row(house).id, brief=first)
    written = {"prizes": brief.prizes, "problem_statement": brief.problem_statement, "summary": brief.summary}
    challenges.edit(sponsor, row.id, changes={**written, "closes_at": closes})
    lifecycle.submit(sponsor, row.id)
    return row


def _paid(number: int, house: str, at: datetime) -> Part:
    """Fen records the payment; Finn confirms it where two are needed."""
    yield working(at)
    challenge = db.session.get_one(Challenge, number)
    dice = chance("ideas", house)
    row = deposits.record(
        personas.account("fen"), bank_reference=f"{clock.now():%Y%m%d}{dice.randrange(10**8):08d}",
        value_date=clock.today(), payer=personas.organisation_row(house).name, amount=challenge.cost,
        currency=challenge.currency, payment_reference=challenge.payment_reference or "",
    )  # fmt: skip
    deposit = row.id
    if row.state == DepositState.RECORDED:
        yield working(at + timedelta(hours=4))
        deposits.confirm(personas.account("finn"), deposit)
    yield working(at + DAY)
    deposits.reconcile(personas.account("fen"), deposit)
    return at


def _ideas(at: datetime) -> Script:
    yield working(at)
    number = _begun(SPONSOR, FIRM, NIGHT, at + 32 * DAY).id
    yield working(at + DAY)
    approve(personas.account("luyao"), number)
    yield from _paid(number, FIRM, at + 3 * DAY)
    for place, (author, (title, text)) in enumerate(IDEAS.items()):
        yield at + (8 + 2 * place) * DAY + timedelta(hours=place)
        solver = personas.account(author)
        submissions.register(solver, number, accepted=True)
        proposal = submissions.start(solver, number).id
        submissions.save(solver, proposal, title=title, abstract=text[:20], body=text, language="zh_Hans_CN")
        submissions.submit(solver, proposal)
    yield at + 33 * DAY
    asked = sa.select(Assignment.id).where(Assignment.challenge_id == number).order_by(Assignment.id)
    for place, assignment in enumerate(db.session.scalars(asked).all()):
        yield at + 33 * DAY + timedelta(hours=5 * place + 6)
        _review(assignment)
    yield working(at + 48 * DAY)
    sponsor, prize = personas.account(SPONSOR), db.session.get_one(Challenge, number).prizes[0]
    awards.select_first(sponsor, number, prize_id=prize.id, number=prize.award_count, reason=WHY)
    awards.decide(sponsor, number)


def _review(assignment: int) -> None:
    """The later an idea stands above, the less it is liked; the last two do not answer the question."""
    row = db.session.get_one(Assignment, assignment)
    title = row.proposal.submitted_version.title if row.proposal.submitted_version else ""
    place = [one for one, _text in IDEAS.values()].index(title)
    answers, novelty, promise = (line.id for line in criteria_of(row.challenge_id))
    liked = Decimal(18 - place) / 2
    points: dict[int, Number] = {
        answers: int(place < NIGHT.prizes[0].award_count),
        novelty: 3 - place // 4,
        promise: liked,
    }
    reviews.submit(row.reviewer, assignment, points=points, comments={}, comment=_comment(row) % title)


def _service(at: datetime, end: datetime) -> Script:
    yield working(at)
    number = _begun("ulrike", "kronhagen", SERVICE, end + 16 * DAY).id
    yield working(at + DAY)
    approve(personas.account("eve"), number)
    yield from _paid(number, "kronhagen", at + 3 * DAY)
    for place, (person, house) in enumerate(REGISTERED.items()):
        yield working(at + (8 + place) * DAY)
        agency = personas.organisation_row(house).id
        submissions.register(personas.account(person), number, organisation_id=agency, accepted=True)
    yield working(at + 10 * DAY)
    first = sa.select(Registration.id).where(Registration.challenge_id == number).order_by(Registration.id).limit(1)
    confirmation.confirm(personas.account("eve"), db.session.scalars(first).one())


def _draft(at: datetime) -> Script:
    """The steel works begin with what is usual for research, and insert the outline and the terms."""
    yield working(at)
    sponsor, house = personas.account("duanjun"), personas.organisation_row("yuan-steel").id
    brief = Brief(title="降低热轧带钢头部翘曲", language="zh_Hans_CN", tier="research")
    row = brief_templates.begin(sponsor, house, brief=brief)
    for kind, code in ((TemplateKind.PROBLEM, "outline"), (TemplateKind.RIGHTS, "licence")):
        version = templates.find_offered(code)
        if version is not None:
            brief_templates.use(sponsor, row.id, kind, version.contract.subject_id)


def _comment(row: Assignment) -> str:
    """What this reviewer says of ideas."""
    panel = sa.select(Assignment.reviewer_id).where(Assignment.challenge_id == row.challenge_id).distinct()
    return COMMENTS[sorted(db.session.scalars(panel)).index(row.reviewer_id) % len(COMMENTS)]
