"""Payment references: a letter finds what was mistyped."""

from crowd.ledger.deposits import payment_reference


def test_references_carry_a_letter_that_finds_a_slip() -> None:
    good = payment_reference.make(2026, 17)
    assert good.startswith("CR-2026-000017-")
    assert payment_reference.read(f"payment {good.lower()} thank you") == good
    assert payment_reference.read(good.replace("-", " ")) == good
    body, letter = good[:-1], good[-1]
    assert all(payment_reference.read(body + other) is None for other in payment_reference.LETTERS if other != letter)
    for place, digit in enumerate(good):
        for other in "0123456789":
            if digit.isdigit() and other != digit:
                assert payment_reference.read(good[:place] + other + good[place + 1 :]) is None


def test_neighbours_changed_about_are_found() -> None:
    for number in range(1, 3000, 7):
        good = payment_reference.make(2026, number)
        for place in range(8, 13):
            if good[place] != good[place + 1]:
                swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
                assert payment_reference.read(swapped) is None, (good, swapped)
