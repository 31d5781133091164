"""Addresses as people paste them: each row is a text and what is read from it."""

import time

import pytest

from challenges.invitations.addresses import MAX_NAMED, Addressee, read

READ = {
    "li@a.cn": [("li@a.cn", "")],
    "LI@A.CN": [("li@a.cn", "")],
    "Li Wei <li@a.cn>": [("li@a.cn", "Li Wei")],
    "李薇＜li＠a．cn＞": [("li@a.cn", "李薇")],
    "李薇（li@a.cn）": [("li@a.cn", "李薇")],
    '"Wang, Lei" <wang@a.cn>; zhao@a.cn': [("wang@a.cn", "Wang, Lei"), ("zhao@a.cn", "")],
    "li@a.cn，wang@a.cn；zhao@a.cn、sun@a.cn": [(f"{one}@a.cn", "") for one in ("li", "wang", "zhao", "sun")],
    "li@a.cn wang@a.cn\tzhao@a.cn": [("zhao@a.cn", "")],  # the cell with two addresses is named as wrong
    "a@b.cn c@d.cn": [("a@b.cn", ""), ("c@d.cn", "")],
    "姓名\t邮箱\n李薇\tli@a.cn\t北京": [("li@a.cn", "李薇")],
    "Name\tEmail\r\nBo\tbo@a.cn\r\n\r\nCy\tcy@a.cn\r\n": [("bo@a.cn", "Bo"), ("cy@a.cn", "Cy")],
    "zhang@例子。中国": [("zhang@例子.中国", "")],
    "zhang@xn--fsqu00a.xn--fiqs8s": [("zhang@例子.中国", "")],
    "mailto:x@y.org": [("x@y.org", "")],
    "Bob bob@x.org": [("bob@x.org", "Bob")],
}


@pytest.mark.parametrize("pasted", READ)
def test_what_is_read(pasted: str) -> None:
    assert read(pasted).found == [Addressee(*one) for one in READ[pasted]]


def test_each_wrong_line_is_named_by_its_number() -> None:
    result = read("li@a.cn\n李薇\nx@@y, wang@a.cn\nli@a.cn, LI@a.cn")
    assert [str(one) for one in result.errors] == [
        "Line 2: “李薇” is not an email address.",
        "Line 3: “x@@y” is not an email address.",
    ]
    assert [one.address for one in result.found] == ["li@a.cn", "wang@a.cn"]
    assert result.repeated == 2


def test_an_answer_names_some_of_many_wrong_lines() -> None:
    errors = read("\n".join(["nobody"] * 50)).errors
    assert len(errors) == MAX_NAMED + 1
    assert str(errors[-1]) == "And 40 more that are not addresses."


@pytest.mark.parametrize(
    "pasted", ['"' * 20_000, "<" * 20_000, "a," * 10_000 + '"', "a@b " * 5_000, "(" * 20_000, "a@" * 10_000]
)
def test_nothing_takes_long(pasted: str) -> None:
    begun = time.process_time()
    read(pasted)
    assert time.process_time() - begun < 2
