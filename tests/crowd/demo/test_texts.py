"""The demonstration's words: enough of them, whole, distinct, and pointing at people and organisations that exist."""

import re
from collections import Counter

import pytest

from crowd.demo import cast
from crowd.demo.texts.read import FAMILIES, HERE, LANGUAGES, QUALITIES, challenges, proposals, records, remarks
from crowd.demo.texts.topics import TOPICS
from crowd.money import CURRENCIES

ALL = challenges()
NEED = {"en": (200, 350), "zh": (400, 700)}
BODY = {
    "full": {"en": (150, 300), "zh": (300, 500)},
    "many": {"en": (100, 150), "zh": (200, 300)},
    "some": {"en": (100, 300), "zh": (200, 500)},
}
HEADINGS = {
    "en": [
        *("Background", "What we have tried", "What we ask", "What we provide"),
        *("What counts as success", "Deliverables", "Rights"),
    ],
    "zh": ["背景", "已经试过的办法", "想请大家解决什么", "我们提供", "怎样算成功", "交付物", "权利"],
}
HAN = re.compile(r"[㐀-鿿]")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.,'’%/-]*")
EVERY_PROPOSAL = [proposal for one in ALL for proposal in proposals(one.key)]


def named(one):
    return one.key


def test_there_are_enough_challenges_in_both_languages_and_of_every_type():
    languages = Counter(one.language for one in ALL)
    assert len(ALL) >= 24
    assert min(languages[language] for language in LANGUAGES) >= 12
    assert {one.type for one in ALL} == {"prize", "ideation", "tender", "grand"}
    assert {one.stage for one in ALL} == {"0-1", "1-10", "10-100"}
    assert {one.currency for one in ALL} == {"CNY", "EUR", "USD"} <= set(CURRENCIES)
    assert Counter(one.entries for one in ALL) >= Counter(full=8, many=1, some=8)
    assert len({one.title for one in ALL}) == len(ALL)


@pytest.mark.parametrize("one", ALL, ids=named)
def test_a_challenge_is_whole(one):
    fewest, most = NEED[one.language]
    assert fewest <= measure(one.need, one.language) <= most
    assert re.findall(r"^## (.+)$", one.need, re.MULTILINE) == HEADINGS[one.language]
    assert sum(criterion.weight for criterion in one.rubric) == 100
    assert 3 <= len(one.rubric) <= 5
    assert {criterion.scale for criterion in one.rubric} <= {10, 100}
    assert {criterion.key for criterion in one.rubric} <= set(FAMILIES)
    assert len({criterion.key for criterion in one.rubric}) == len(one.rubric)
    assert 1 <= len(one.prizes) <= 4
    assert all(prize.places > 0 and prize.amount > 0 for prize in one.prizes)
    assert 3 <= len(one.tags) <= 6
    assert set(one.topics) <= set(TOPICS)
    assert one.summary
    assert one.screening
    assert bool(one.award_reason) == (one.entries != "none")


@pytest.mark.parametrize("one", ALL, ids=named)
def test_a_challenge_is_posted_by_a_sponsor_of_its_organisation(one):
    sponsor = cast.person(one.sponsor)
    assert sponsor.role == "sponsor"
    assert sponsor.organisation == cast.organisation(one.organisation).key


@pytest.mark.parametrize("one", ALL, ids=named)
def test_a_challenge_has_the_proposals_it_announces(one):
    found = proposals(one.key)
    fewest, most = {"full": (5, 9), "many": (40, 60), "some": (2, 3), "none": (0, 0)}[one.entries]
    assert fewest <= len(found) <= most
    people = [key for each in found for key in submitters(each)]
    assert len(set(people)) == len(people), "somebody answers twice"
    assert one.organisation not in {cast.person(each.author).organisation for each in found}
    agencies = [cast.person(each.author).organisation for each in found if cast.person(each.author).organisation]
    assert len(set(agencies)) == len(agencies), "an agency answers twice"
    if one.entries == "full":
        assert all(len(each.reviews) >= 3 for each in found)


@pytest.mark.parametrize("one", EVERY_PROPOSAL, ids=named)
def test_a_proposal_is_whole(one):
    entries = next(challenge.entries for challenge in ALL if challenge.key == one.challenge)
    fewest, most = BODY[entries][one.language]
    assert fewest <= measure(one.body, one.language) <= most
    assert one.abstract
    assert one.quality in QUALITIES
    assert one.language in LANGUAGES
    assert cast.person(one.author).role in {"solver", "agency"}
    if one.team:
        assert one.author == next(team.lead for team in cast.TEAMS if team.key == one.team)


def test_no_proposal_and_no_comment_is_used_twice():
    assert len({one.title for one in EVERY_PROPOSAL}) == len(EVERY_PROPOSAL)
    assert len({one.body for one in EVERY_PROPOSAL}) == len(EVERY_PROPOSAL)
    comments = [comment for one in EVERY_PROPOSAL for comment in one.reviews]
    assert len(set(comments)) == len(comments)


def test_every_file_of_proposals_belongs_to_a_challenge():
    assert {path.stem for path in (HERE / "proposals").glob("*.md")} <= {one.key for one in ALL}


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_general_remarks_for_every_quality_and_criterion(language):
    found = remarks(language)
    comments = [text for quality in QUALITIES for texts in found.reviews[quality].values() for text in texts]
    assert len(comments) == len(set(comments)) >= 60
    assert all(set(found.reviews[quality]) == set(FAMILIES) for quality in QUALITIES)
    assert min(len(found.awards), len(found.declines), len(found.screening), len(found.conflicts)) >= 6
    assert len(found.cancellations) >= 2


def test_the_cast_is_complete_and_belongs_together():
    kinds = Counter(one.kind for one in cast.ORGANISATIONS)
    assert (len(cast.ORGANISATIONS) >= 12, kinds["agency"], kinds["government"]) == (True, 3, 1)
    assert len(cast.PEOPLE) >= 60
    assert {one.role for one in cast.PEOPLE} == set(cast.ROLES)
    assert {cast.person(key).key for key in cast.MAIN} == set(cast.MAIN)
    for one in cast.PEOPLE:
        assert one.email.endswith(".example")
        assert one.bio
        assert set(one.expertise) <= set(TOPICS)
        assert one.organisation is None or cast.organisation(one.organisation)
        assert one.expertise or one.role not in {"solver", "agency", "expert"}
    for team in cast.TEAMS:
        assert team.lead in team.members
        assert {cast.person(key).role for key in team.members} == {"solver"}


@pytest.mark.parametrize("one", ALL, ids=named)
def test_enough_experts_know_the_field_of_a_challenge(one):
    knowing = [expert for expert in cast.people("expert") if set(expert.expertise) & set(one.topics)]
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
    teams = {team.key: team.members for team in cast.TEAMS}
    return teams[proposal.team] if proposal.team else (proposal.author,)


def measure(text, language):
    """Length as an editor counts it: English in words; Chinese in characters, a number or Latin word being one."""
    words = len(WORD.findall(text))
    return words if language == "en" else words + len(HAN.findall(text))
