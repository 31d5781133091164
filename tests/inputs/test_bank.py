"""Account numbers and references as people and banks write them. The IBANs are the examples of SWIFT's registry."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from crowd import clock
from crowd.errors import Invalid
from crowd.ledger.deposits import bank_statement_import, payment_reference
from crowd.ledger.deposits import services as deposits
from crowd.ledger.models import OwnerType
from crowd.ledger.payouts import account_numbers, bank_file
from crowd.ledger.payouts import services as payouts
from crowd.ledger.payouts.account_numbers import Fault, WrongNumber, luhn, read
from crowd.ledger.payouts.bank_file import BankResponseRow
from crowd.ledger.payouts.models import Payout, PayoutAccount
from tests.cast import Cast

IBANS = [
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
    "CH9300762011623852957",
    "GB29NWBK60161331926819",
    "AT611904300234573201",
    "NL91ABNA0417164300",
    "ES9121000418450200051332",
    "IT60X0542811101000000123456",
    "BE68539007547034",
    "LI21088100002324013AA",
    "LU280019400644750000",
    "PL61109010140000071219812874",
    "NO9386011117947",
    "SE4550000000058398257466",
    "MT84MALT011000012345MTLCAST001S",
    "AE070331234567890123456",
]
RIGHT = [
    ("1234567", "1234567"),
    ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
    ("de89-3704-0044-0532-0130-00", "DE89370400440532013000"),
    ("IBAN DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
    ("IBAN: CH93 0076 2011 6238 5295 7", IBANS[2]),
    ("ＤＥ８９３７０４００４４０５３２０１３０００", "DE89370400440532013000"),
    ("DE89\u00a03704\u202f0044 0532 0130 00", IBANS[0]),
    ("DE89\u30003704\u2009004405320130\u200b00", IBANS[0]),
    ("CH93–0076–2011–6238–5295–7", IBANS[2]),
    ("6222021234567890128", "6222021234567890128"),
    ("6222 0212 3456 7890 128", "6222021234567890128"),
    ("６２２２０２１２３４５６７８９０１２８", "6222021234567890128"),
    ("6222 0000 1111 2223", "6222000011112223"),
    ("1702020409000000123", "1702020409000000123"),
    ("4402 2400 0910 0012 345", "4402240009100012345"),
    ("12345678", "12345678"),
    ("XX12ABCDEFGH", "XX12ABCDEFGH"),
]
WRONG = [
    "DE88370400440532013000",
    "DE89370400440532013001",
    "DE89370400440532031000",
    "DE8937040044053201300",
    "DE893704004405320130000",
    "FR1420041010050500013M02607",
    "CH9300762011623852958",
    "GB29NWBK60161331926891",
    "６２２２０２１２３４５６７８９０１２３",
    "6222021234567890123",
    "6222 0000 1111 2222",
    "6222 0213 2456 7890 128",
    "12",
    "123456",
    "0000000000000000",
    "1" * 35,
    "=SUM(A1)12",
    "DE89 3704 0044 0532 0130 0O",
    "账号12345678",
    "1234_5678",
    "٦٢٢٢٠٢١٢٣٤٥٦٧٨٩٠",
    "",
]


@pytest.fixture(autouse=True)
def request_context(isolated: Flask) -> None:
    """Words of refusals need an application."""


@pytest.mark.parametrize("iban", IBANS)
def test_an_iban_is_right_and_one_wrong_digit_is_found(iban: str) -> None:
    assert read(iban) == iban
    assert len(iban) == account_numbers.LENGTHS[iban[:2]]
    for place in range(2, len(iban)):
        if iban[place].isdigit():
            with pytest.raises(WrongNumber):
                read(iban[:place] + str((int(iban[place]) + 1) % 10) + iban[place + 1 :])


@pytest.mark.parametrize(("written", "stored"), RIGHT)
def test_account_numbers_are_read_in_any_width_and_with_any_spaces(written: str, stored: str) -> None:
    assert read(written) == stored


@pytest.mark.parametrize("written", WRONG)
def test_an_account_that_no_bank_would_know_is_refused_beside_its_field(cast: Cast, written: str) -> None:
    with pytest.raises(Invalid) as refused:
        payouts.set_account(
            cast.bo, OwnerType.USER, cast.bo.id, currency="CNY", holder="Bo", bank="Bank", number=written
        )
    assert set(refused.value.fields) == {"number"}


BICS = [
    ("DEUTDEFF", IBANS[0], "DEUTDEFF"),
    ("deutdeff500", IBANS[0], "DEUTDEFF500"),
    ("DEUT DE FF", IBANS[0], "DEUTDEFF"),
    ("DEUT-DE-FF-500", IBANS[0], "DEUTDEFF500"),
    ("ＤＥＵＴＤＥＦＦ", IBANS[0], "DEUTDEFF"),
    ("UBSWCHZH80A", IBANS[2], "UBSWCHZH80A"),
    ("BNPAFRPP", IBANS[1], "BNPAFRPP"),
    ("BNPARERX", IBANS[1], "BNPARERX"),
    ("BARCJESH", IBANS[3], "BARCJESH"),
    ("BOFAUS3N", "1234567890", "BOFAUS3N"),
    ("BOTKJPJT", "12345678", "BOTKJPJT"),
    ("SBININBB104", "12345678901", "SBININBB104"),
    ("ICBKCNBJSHI", "6222021234567890128", "ICBKCNBJSHI"),
    ("NTSBDEB1XXX", IBANS[0], "NTSBDEB1XXX"),
]
NO_BICS = [
    ("DEUTDEF", IBANS[0], Fault.BIC),
    ("DEUTDEFF5", IBANS[0], Fault.BIC),
    ("DEUTDEFF5000", IBANS[0], Fault.BIC),
    ("DEU1DEFF", IBANS[0], Fault.BIC),
    ("DEUTD3FF", IBANS[0], Fault.BIC),
    ("德意志银行", IBANS[0], Fault.BIC),
    ("=SUM(A1)", IBANS[0], Fault.BIC),
    (IBANS[0], IBANS[0], Fault.BIC),
    ("DEUTXXFF", IBANS[0], Fault.BIC_COUNTRY),
    ("DEUTZZFF", "12345678", Fault.BIC_COUNTRY),
    ("DEUTEUFF", IBANS[0], Fault.BIC_COUNTRY),
    ("BNPAFRPP", IBANS[0], Fault.BIC_ELSEWHERE),
    ("DEUTDEFF", IBANS[1], Fault.BIC_ELSEWHERE),
    ("BNPARERX", IBANS[0], Fault.BIC_ELSEWHERE),
    ("BARCGB22", IBANS[2], Fault.BIC_ELSEWHERE),
]


@pytest.mark.parametrize(("written", "number", "stored"), BICS)
def test_a_bic_is_read_and_its_country_is_the_ibans(written: str, number: str, stored: str) -> None:
    assert account_numbers.read_bic(written, number) == stored


@pytest.mark.parametrize(("written", "number", "fault"), NO_BICS)
def test_a_bic_of_no_bank_or_another_country_is_refused(written: str, number: str, fault: Fault) -> None:
    with pytest.raises(WrongNumber) as wrong:
        account_numbers.read_bic(written, number)
    assert wrong.value.fault == fault
    assert account_numbers.refusal(wrong.value)


def test_a_bic_goes_to_the_bank_and_is_refused_beside_its_field(cast: Cast) -> None:
    def named(number: str, bic: str) -> PayoutAccount:
        return payouts.set_account(
            cast.bo, OwnerType.USER, cast.bo.id, currency="EUR", holder="Bo", bank="Bank", number=number, bic=bic
        )

    with pytest.raises(Invalid) as refused:
        named(IBANS[0], "BNPAFRPP")
    assert set(refused.value.fields) == {"bic"}
    lines = [
        bank_file.write([Payout(id=1, amount=100, currency="EUR", account=account)])
        .decode()
        .lstrip("\ufeff")
        .splitlines()
        for account in (named(IBANS[0], " deutdeff "), named(IBANS[0], ""))
    ]
    assert lines == [
        ["payment,holder,bank,account,amount,currency,bic", f"PAYOUT-1,Bo,Bank,{IBANS[0]},1.00,EUR,DEUTDEFF"],
        ["payment,holder,bank,account,amount,currency", f"PAYOUT-1,Bo,Bank,{IBANS[0]},1.00,EUR"],
    ]


@given(st.text("0123456789", min_size=14, max_size=17))
def test_a_card_has_one_check_digit_and_finds_each_wrong_one(body: str) -> None:
    right = [last for last in "0123456789" if luhn(f"62{body}{last}")]
    assert len(right) == 1
    for place, figure in enumerate(body):
        other = body[:place] + str((int(figure) + 1) % 10) + body[place + 1 :]
        assert not luhn(f"62{other}{right[0]}")


GOOD = payment_reference.make(2026, 10_407)


@pytest.mark.parametrize(
    "written",
    [
        GOOD,
        GOOD.lower(),
        GOOD.replace("-", "–"),
        GOOD.replace("-", "—"),
        GOOD.replace("-", "−"),
        GOOD.replace("-", "－"),
        GOOD.replace("-", ""),
        GOOD.replace("-", " "),
        GOOD.replace("-", "\u00a0"),
        GOOD.replace("-", "_"),
        GOOD.replace("-", "/"),
        GOOD.replace("0", "O"),
        GOOD.replace("0", "o"),
        GOOD.replace("1", "I"),
        GOOD.replace("2026", "2O26"),
        "".join(chr(ord(one) + 0xFEE0) for one in GOOD),
        f"付款 {GOOD}（赏金）",
        f"用途：{GOOD}",
        f"Ref.:{GOOD}/Luoyang",
        GOOD.replace("-", "\u200b-"),
        GOOD.replace("-", " - "),
    ],
)
def test_a_payment_reference_is_found_however_a_bank_writes_it(written: str) -> None:
    assert payment_reference.read(written) == GOOD


@pytest.mark.parametrize(
    "written", ["", "CR", GOOD[:-1], GOOD[:-1] + "O", GOOD.replace("7", "8"), GOOD.replace("CR", "CP")]
)
def test_what_is_no_reference_is_not_found(written: str) -> None:
    assert payment_reference.read(written) is None


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("ICBC-1a", "icbc-1A"),
        ("ICBC-1", "ＩＣＢＣ－１"),
        ("N 2026 ß", " n  2026 ß"),
        ("ref１２", "REF12"),
        ("Ab\u3000C", "AB c"),
    ],
)
def test_one_bank_reference_in_another_case_or_width_is_the_same(cast: Cast, first: str, again: str) -> None:
    def come(bank_reference: str) -> None:
        deposits.record(
            cast.fen,
            bank_reference=bank_reference,
            value_date=clock.today(),
            payer="Luoyang Water",
            amount=500,
            currency="CNY",
            organisation_id=cast.luoyang.id,
        )

    come(first)
    with pytest.raises(Invalid) as refused:
        come(again)
    assert set(refused.value.fields) == {"bank_reference"}
    come(first + "x")


def test_a_statement_finds_a_deposit_by_its_reference_in_full_width(cast: Cast) -> None:
    row = deposits.record(
        cast.fen,
        bank_reference="icbc-77",
        value_date=clock.today(),
        payer="L",
        amount=500,
        currency="CNY",
        organisation_id=cast.luoyang.id,
    )
    line = f"reference,date,payer,amount,currency\nＩＣＢＣ－７７,{clock.today()},L,5.00,CNY\n".encode()
    found = bank_statement_import.book(cast.fen, line)
    assert (found.created, found.reconciled) == (0, 1)
    assert row.reconciled_at is not None


@pytest.mark.parametrize(
    "written", ["PAYOUT-17", "payout-17", "ＰＡＹＯＵＴ－１７", "Payout–17", "PAYOUT - 17", "PAYOUT-0017"]
)
def test_a_bank_names_a_payout_in_any_case_and_width(written: str) -> None:
    assert BankResponseRow(1, written, "paid", "1.00", "CNY", "").payout_id == 17


@pytest.mark.parametrize("written", ["PAYOUT-", "17", "PAYOUT-1O", "PAYOUT-1-7", "XPAYOUT-17", "PAYOUT-" + "9" * 16])
def test_what_names_no_payout_is_none(written: str) -> None:
    assert BankResponseRow(1, written, "paid", "1.00", "CNY", "").payout_id is None
