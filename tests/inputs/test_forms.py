"""Every form that a page offers is sent wrong in three ways, in both languages: nothing breaks, nothing is lost.

Empty, with 10,000 characters in each field, and with one wrong field. Whatever a form wrote is rolled back.
"""

from collections import Counter

import pytest

from tests.inputs.failing import judge, ways_to_fail
from tests.inputs.fuzz import World, body_of
from tests.inputs.test_addresses import app, filled

__all__ = ["app", "filled"]  # fixtures
LANGUAGES = ("en", "zh_Hans_CN")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)], ids=["turns", "both"])
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    whole: bool, filled: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """By turns each form is sent in every third way, in one language; in the long form in each way, in both."""
    problems, failed = [], Counter[str]()
    forms = list(filled.forms(list(filled.pages())))
    for turn, (rule, action, form, who) in enumerate(forms):
        ways = list(ways_to_fail(action, form))
        for number, failing in enumerate(ways if whole else ways[turn % min(3, len(ways) or 1) :: 3], start=turn):
            for language in LANGUAGES if whole else [LANGUAGES[number % 2]]:
                answer = filled.ask(rule, action, who, data=body_of(failing.fields()), language=language)
                failed[f"{failing.way}: {answer.status_code}"] += 1
                found = judge(failing, answer, language)
                problems += [f"{action} {failing.way} as {who} ({language}): {one}" for one in found]
    with capsys.disabled():
        print(f"\n{len(forms)} forms, failed: {dict(sorted(failed.items()))}")
    assert len(forms) >= 25
    assert len({told.partition(":")[0] for told in failed}) >= 3, "too few ways"
    assert not problems, "\n".join(["", *problems])
