"""The many spellings of a type, and the few kinds they mean."""

import pytest

from challenges.importing.challenge_types import challenge_type, understand_kinds
from challenges.types import Type


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        (["Ideas"], "ideas"),
        (["ideas"], "ideas"),
        (["Ideation, Technology Demonstration/Hardware"], "ideas technology"),
        (["Technology demonstration / hardware"], "technology"),
        (["Software/Apps"], "software"),
        (["Creative (multimedia & design)"], "creative"),
        (["Creative (design & multimedia)"], "creative"),
        (["Creative (multimedia and design); Ideas"], "creative ideas"),
        (["Analytics, visualizations, algorithms"], "analytics"),
        (["Analytics, visulizations, algorithms; Scientific"], "analytics scientific"),
        (["Ideas", "Business plans", "Nominations"], "ideas business_plans nominations"),
        (
            ["Ideas; software and apps; creative (multimedia & design); technology demonstration; analytics"],
            "ideas software creative technology analytics",
        ),
    ],
)
def test_a_spelling_is_understood(given, kinds):
    found = understand_kinds(given, "type")
    assert ([kind.value for kind in found.kinds], found.problems) == (kinds.split(), ())
    assert found.given == tuple(given)


def test_an_unknown_type_is_reported_and_the_known_ones_kept():
    found = understand_kinds(["Ideas; Virtual Reality; Scientific"], "type")
    assert [kind.value for kind in found.kinds] == ["ideas", "scientific"]
    assert [(problem.reason.value, problem.source) for problem in found.problems] == [
        ("type_not_understood", "Virtual Reality")
    ]


def test_no_type_is_reported():
    assert [problem.reason.value for problem in understand_kinds(["", "  "], "type").problems] == ["type_not_given"]


def test_an_endless_list_is_cut():
    found = understand_kinds(["Ideas" * 1000] * 1000, "type")
    assert len(found.given) == 40
    assert found.problems[0].reason.value == "too_long"


def test_our_type_follows_from_what_is_asked():
    ideas, hardware = understand_kinds(["Ideas"], "type").kinds, understand_kinds(["Hardware; Ideas"], "type").kinds
    assert challenge_type(ideas, "Quiet pumps") is Type.IDEATION
    assert challenge_type(hardware, "Quiet pumps") is Type.PRIZE
    assert challenge_type((), "Quiet pumps") is Type.PRIZE
    assert challenge_type(ideas, "Quiet Pumps Grand Challenge") is Type.STAGED
