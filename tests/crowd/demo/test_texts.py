"""The demonstration's texts: enough, complete, distinct, and with existing people and organisations."""

import re
from collections import Counter
from dataclasses import asdict
from statistics import mean
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from challenges.rubric import Criterion, CriterionKind
from crowd.demo import personas
from crowd.demo.judging import WORTHY
from crowd.demo.personas import MAIN
from crowd.demo.scenarios import first_year
from crowd.demo.texts.read import (
    HAN,
    HERE,
    LANGUAGES,
    attachment,
    challenges,
    declines,
    proposals,
    records,
)
from crowd.file_kinds import KINDS
from crowd.file_names import clean_name
from crowd.limits import Limits
from crowd.money import CURRENCIES
from crowd.taxonomy.schemes import FIELD
from crowd.taxonomy.vocabulary import shipped
from scoring.ranking import weighted_total
from scoring.reputation.points import WHOLE, JudgedProposal, among, for_proposals

ALL = challenges()
NEED = {"en": (200, 350), "zh": (400, 700)}
BODY = {"en": (220, 400), "zh": (330, 650)}
ABSTRACT = {"en": (35, 90), "zh": (60, 150)}
HEADINGS = {
    "en": [
        *("Background", "What we have tried", "What we ask", "What we provide"),
        *("What counts as success", "Deliverables", "Rights"),
    ],
    "zh": ["背景", "已经试过的办法", "想请大家解决什么", "我们提供", "怎样算成功", "交付物", "权利"],
}
TEXTS = {".py", ".md", ".toml"}
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.,'’%/-]*")
EVERY_PROPOSAL = [proposal for one in ALL for proposal in proposals(one.key)]
JUDGED = [proposal for proposal in EVERY_PROPOSAL if proposal.reviews]
REVIEWS = [review for proposal in JUDGED for review in proposal.reviews]
OF = {one.key: one for one in ALL}
TIED = {"leak-hydrants-5", "leak-hydrants-24"}  # of forty, behind all prizes; these two and no others
LAZY = "benedikt"


def named(one):
    return one.key


def test_there_are_enough_challenges_in_both_languages():
    languages = Counter(one.language for one in ALL)
    assert len(ALL) >= 24
    assert min(languages[language] for language in LANGUAGES) >= 12
    assert {one.stage for one in ALL} == {"0", "1", "10"}
    assert {one.currency for one in ALL} == {"CNY", "EUR", "USD"} <= set(CURRENCIES)
    assert Counter(one.entries for one in ALL) >= Counter(full=8, many=1, some=8)
    assert len({one.title for one in ALL}) == len(ALL)


def lines(one):
    return [criterion.line for criterion in one.rubric]


def test_a_rubric_has_every_kind_of_criterion():
    assert any({line.kind for line in lines(one)} == set(CriterionKind) for one in ALL)


@pytest.mark.parametrize("one", ALL, ids=named)
def test_a_challenge_is_whole(one):
    fewest, most = NEED[one.language]
    assert fewest <= measure(one.need, one.language) <= most
    assert re.findall(r"^## (.+)$", one.need, re.MULTILINE) == HEADINGS[one.language]
    assert sum(criterion.line.weight for criterion in one.rubric) == 100
    assert 3 <= len(one.rubric) <= 5
    assert {line.scale for line in lines(one) if line.kind == CriterionKind.POINTS} <= {10, 100}
    assert {criterion.key for criterion in one.rubric} <= {"approach", "evidence", "cost", "plan", "fit", "risk"}
    assert len({criterion.key for criterion in one.rubric}) == len(one.rubric)
    assert 1 <= len(one.prizes) <= 4
    assert all(prize.award_count > 0 and prize.amount > 0 for prize in one.prizes)
    assert 3 <= len(one.tags) <= 6
    assert list(one.topics) == shipped().kept(one.topics)
    assert all(shipped().find(FIELD, name) for name in one.topics)
    assert [tag for tag in one.tags if not shipped().find(FIELD, tag)] == [], "each has a name in both languages"
    assert one.summary
    assert one.screening
    assert all(len(text) <= Limits().max_reason_length for text in (one.sent_back, one.no_award, one.cancelled))


@pytest.mark.parametrize("one", ALL, ids=named)
def test_a_challenge_is_posted_by_a_sponsor_of_its_organisation(one):
    sponsor = personas.person(one.sponsor)
    assert sponsor.role == "sponsor"
    assert sponsor.organisation == personas.organisation(one.organisation).key


@pytest.mark.parametrize("one", ALL, ids=named)
def test_a_challenge_has_the_proposals_it_announces(one):
    found = proposals(one.key)
    fewest, most = {"full": (5, 9), "many": (40, 60), "some": (2, 3), "none": (0, 0)}[one.entries]
    assert fewest <= len(found) <= most
    people = [key for each in found for key in submitters(each)]
    assert len(set(people)) == len(people), "somebody answers twice"
    assert one.organisation not in {personas.person(each.author).organisation for each in found}
    agencies = [
        personas.person(each.author).organisation for each in found if personas.person(each.author).organisation
    ]
    assert len(set(agencies)) == len(agencies), "an agency answers twice"
    assert {len(each.reviews) for each in found} <= {0, Limits().reviews_per_proposal}, "as many as are asked for"


@pytest.mark.parametrize("one", EVERY_PROPOSAL, ids=named)
def test_a_proposal_is_whole(one):
    fewest, most = BODY[one.language]
    assert fewest <= measure(one.body, one.language) <= most
    fewest, most = ABSTRACT[one.language]
    assert fewest <= measure(one.abstract, one.language) <= most
    assert len(re.findall("^### ", one.body, re.MULTILINE)) >= 3
    assert one.language in LANGUAGES
    assert personas.person(one.author).role in {"solver", "agency"}
    if one.team:
        assert one.author == next(team.lead for team in personas.TEAMS if team.key == one.team)


def test_tables_and_files_are_seen():
    assert sum("|---|" in one.body for one in EVERY_PROPOSAL) >= len(EVERY_PROPOSAL) / 2
    names = [name for one in EVERY_PROPOSAL for name in one.files]
    assert len(set(names)) == len(names) >= 12
    assert {path.name for path in (HERE / "files").iterdir()} == set(names)
    assert {name.rpartition(".")[2] for name in names} == {"csv", "pdf"} < set(KINDS)
    beyond = [name for name in names if not name.isascii()]
    assert len(beyond) >= 8, "in Chinese, with umlauts"
    assert any(" " in name for name in names)
    assert [name for name in names if name != clean_name(name)] == []
    for name in names:
        data = attachment(name).read_bytes()
        assert 0 < len(data) < 20_000
        assert data.startswith(b"%PDF-") if name.endswith(".pdf") else len(data.decode().splitlines()) > 3


def test_no_proposal_and_no_comment_is_used_twice():
    assert len({one.title for one in EVERY_PROPOSAL}) == len(EVERY_PROPOSAL)
    assert len({one.body for one in EVERY_PROPOSAL}) == len(EVERY_PROPOSAL)


def test_every_comment_is_its_own():
    """Over the whole platform, and none repeats one of its own remarks."""
    comments = [review.text for review in REVIEWS]
    remarks = [remark for review in REVIEWS for remark in review.remarks.values()]
    assert len(comments) > 250
    assert len(set(comments)) == len(comments)
    assert len(set(remarks)) == len(remarks) >= len(comments)
    assert not set(comments) & set(remarks)
    assert [review.text for review in REVIEWS if any(remark in review.text for remark in review.remarks.values())] == []


@pytest.mark.parametrize("one", JUDGED, ids=named)
def test_a_review_fits_its_challenge(one):
    """Points within the scales, remarks on lines of the rubric, one language throughout, and long enough to count."""
    rubric = OF[one.challenge].rubric
    for review in one.reviews:
        for points, each in zip(review.points, rubric, strict=True):
            assert (1 if each.line.kind == CriterionKind.POINTS else 0) <= points <= each.line.scale
        assert review.remarks.keys() <= {line.key for line in rubric}
        assert review.remarks
        assert {review.language} == {"zh" if HAN.search(text) else "en" for text in review.remarks.values()}
        assert personas.person(review.by).role == "expert"
        assert review.language in {one.language, "en"}, "an English proposal is reviewed in English"
        assert Limits().min_review_comment <= len(review.text)
        assert len({review.by for review in one.reviews}) == len(one.reviews)


def test_two_of_forty_proposals_share_a_place_behind_the_prizes_and_no_others_anywhere():
    tied = set()
    for one in ALL:
        judged = [each for each in proposals(one.key) if each.reviews]
        means = Counter(round(mean_of(each), 6) for each in judged)
        shared = {each.key for each in judged if means[round(mean_of(each), 6)] > 1}
        winners = sorted(judged, key=mean_of, reverse=True)[: sum(prize.award_count for prize in one.prizes)]
        assert not shared & {each.key for each in winners}
        tied |= shared
    assert tied == TIED


def test_reviewers_disagree_as_a_panel_does():
    """Most by 10 to 25 points of 100, some by 30; nobody's three are nearly the same."""
    spreads = [max(totals) - min(totals) for totals in map(totals_of, JUDGED)]
    assert min(spreads) >= 10
    assert sum(spread <= 25 for spread in spreads) > len(spreads) * 0.6
    assert sum(spread >= 29 for spread in spreads) >= 8
    assert max(spreads) <= 40


def test_reviewers_have_voices_of_their_own():
    """One is always short and kind, one is critical of most; and one likes what no other does."""
    lazy = [review for review in REVIEWS if review.by == LAZY]
    assert len(lazy) >= 10
    for review in lazy:
        assert len(review.text) < 80
        assert len(review.remarks) == len(review.points)
        assert all(len(remark.split()) <= 2 for remark in review.remarks.values())
    beside: dict[str, list[Any]] = {key: [] for key in ("antonin", "rosalind")}
    for one in JUDGED:
        for review, total in zip(one.reviews, totals_of(one), strict=True):
            beside.get(review.by, []).append(total - mean_of(one))
    assert mean(beside["antonin"]) < -2 < 2 < mean(beside["rosalind"])
    weak = [sorted(totals_of(one)) for one in JUDGED if mean_of(one) < 50]
    assert any(low < 35 and middle < 45 and high > 55 for low, middle, high in weak)


def test_who_may_win_has_a_reason_of_his_own():
    """Every winner of a prize in a decided challenge; the reasons are published."""
    reasons = [one.award for one in EVERY_PROPOSAL if one.award]
    assert len(set(reasons)) == len(reasons)
    assert max(map(len, reasons)) <= Limits().max_reason_length


def test_who_has_most_points_from_answers_is_no_crowd():
    """Those with only one win would all share one rank; so teams win, and some submit again."""
    points: Counter[int] = Counter()
    for one in (OF[key] for key in first_year.OPENED):
        for credit in for_proposals(list(answers(one))):
            points[credit.user] += credit.points
    ordered = sorted(points.values(), reverse=True)
    assert ordered[0] > ordered[1] > ordered[2] > ordered[3] > ordered[4]


def test_every_file_of_proposals_belongs_to_a_challenge():
    assert {path.stem for path in (HERE / "proposals").glob("*.md")} <= {one.key for one in ALL}


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_reasons_to_decline(language):
    found = declines(language)
    assert len(set(found)) == len(found) >= 10
    assert {"zh" if HAN.search(text) else "en" for text in found} == {language}


def test_what_somebody_reads_follows_the_country_of_their_house():
    """Not the language of what they write: Ada writes English and reads Chinese in Luoyang."""
    for one in personas.PEOPLE:
        in_china = personas.organisation(one.organisation).country == "CN" if one.organisation else one.language == "zh"
        assert (one.locale == "zh_Hans_CN", one.time_zone == "Asia/Shanghai") == (in_china, in_china)
        assert ZoneInfo(one.time_zone)
    assert (personas.person("ada").language, personas.person("ada").locale) == ("en", "zh_Hans_CN")
    assert (personas.person("pia").email, personas.person("pia").locale) == ("pia@yuzhong-bureau.example", "zh_Hans_CN")
    assert HAN.search(personas.person("pia").name)


def test_nobody_has_a_name_that_is_not_theirs():
    """No placeholder of forms, and no existing organisation: a city's utility, a bank."""
    words = "\n".join(path.read_text(encoding="utf-8") for path in HERE.parent.rglob("*") if path.suffix in TEXTS)
    assert re.findall("Mustermann|John Doe|Erika M|洛阳水务|[Ll]uoyang.[Ww]ater|工商银行|ICBC", words) == []


def test_the_cast_is_complete_and_belongs_together():
    kinds = Counter(one.kind for one in personas.ORGANISATIONS)
    assert (len(personas.ORGANISATIONS) >= 12, kinds["agency"], kinds["government"]) == (True, 4, 3)
    assert len(personas.PEOPLE) >= 60
    assert {one.role for one in personas.PEOPLE} == set(personas.ROLES)
    assert {personas.person(key).key for key in MAIN} == set(MAIN)
    for one in personas.PEOPLE:
        assert one.email.endswith(".example")
        assert one.bio
        assert list(one.expertise) == shipped().kept(one.expertise)
        assert all(shipped().find(FIELD, name) for name in one.expertise)
        assert one.organisation is None or personas.organisation(one.organisation)
        assert one.expertise or one.role not in {"solver", "agency", "expert"}
    for team in personas.TEAMS:
        assert team.lead in team.members
        people = [personas.person(key) for key in team.members]
        assert {one.role for one in people} == {"solver" if team.own is None else "agency"}
        assert len({one.organisation for one in people}) == 1


@pytest.mark.parametrize("one", ALL, ids=named)
def test_enough_experts_know_the_field_of_a_challenge(one):
    knowing = [expert for expert in personas.people("expert") if set(expert.expertise) & set(one.topics)]
    assert len(knowing) >= 5, "a panel of three, and two to stand in for conflicts"


def test_the_words_are_calm():
    for path in HERE.rglob("*"):
        if path.suffix in {".md", ".toml"}:
            assert not re.search("[!！]", path.read_text(encoding="utf-8")), path.name


def test_a_broken_file_is_named(tmp_path):
    broken = tmp_path / "broken.md"
    broken.write_text("+++\ntitle = \n+++\nbody\n")
    with pytest.raises(ValueError, match=r"broken\.md"):
        list(records(broken))
    broken.write_text("no fence")
    with pytest.raises(ValueError, match=r"broken\.md"):
        list(records(broken))


def submitters(proposal):
    """The keys of everybody behind a proposal."""
    teams = {team.key: team.members for team in personas.TEAMS}
    return teams[proposal.team] if proposal.team else (proposal.author,)


def answers(challenge):
    """How the proposals of a challenge come out when the sponsor gives the prizes by the ranking."""
    positions = [number for number, prize in enumerate(challenge.prizes, start=1) for _ in range(prize.award_count)]
    places = positions if challenge.key not in first_year.WITHOUT else []
    for rank, each in enumerate(sorted(proposals(challenge.key), key=mean_of, reverse=True), start=1):
        position = places[rank - 1] if rank <= len(places) and mean_of(each) >= WORTHY else None
        yield JudgedProposal(rank, parts(each), None, position, "", rank, mean_of(each))


def parts(proposal: Any) -> Any:
    """The people behind a proposal with their parts among them."""
    team = next((team for team in personas.TEAMS if team.key == proposal.team), None)
    if team is None:
        return ((proposal.author, WHOLE),)
    each = team.others // (len(team.members) - 1)
    shares: list[Any] = [
        (key, (team.own or WHOLE - team.others) if key == proposal.author else each) for key in team.members
    ]
    return among(shares)


def mean_of(proposal):
    """The mean of its reviews' totals, as the ranking computes it."""
    return mean(totals_of(proposal))


def totals_of(proposal):
    """The total of each of its reviews, of 100."""
    rubric = [Criterion(id=place, **asdict(each.line)) for place, each in enumerate(OF[proposal.challenge].rubric)]
    return [weighted_total(dict(enumerate(review.points)), rubric) for review in proposal.reviews]


def measure(text, language):
    """Length as an editor counts it: English in words; Chinese in characters, a number or Latin word being one."""
    words = len(WORD.findall(text))
    return words if language == "en" else words + len(HAN.findall(text))
