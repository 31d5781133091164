"""Statements as banks really write them: encodings, headings, separators, days, signs; and payment references."""

from datetime import date

import pytest
from flask import Flask

from crowd.ledger.deposits import bank_statement, bank_text, encodings, payment_reference
from crowd.ledger.deposits.bank_statement import Layout

IN_CNY = Layout(currency="CNY")  # as a person chooses it where a file names none
ENGLISH = "reference,date,payer,amount,currency,text\n"
READ = {
    "ours": ENGLISH + "B1,2026-12-14,Luoyang Water,3000.50,CNY,CR\n",
    "a German export": "Buchungstag;Referenz;Auftraggeber;Betrag;Währung;Verwendungszweck\n"
    "14.12.2026;B1;Luoyang Water;3000.50;CNY;CR\n",
    "a savings bank": '"Kundenreferenz";"Valutadatum";"Beguenstigter/Zahlungspflichtiger";"Betrag";"Waehrung"\n'
    '"B1";"14.12.26";"Luoyang Water";"3000.50";"CNY"\n',
    "Chinese headings": "交易流水号,交易日期,对方户名,贷方发生额,借方发生额,币种,摘要\n"
    "B1,2026年12月14日,Luoyang Water,3000.50,,人民币,CR\n",
    "lines before the table": "账号,6222 0000 0000 0000\n户名,某某公司\n\n"
    "流水号,记账日期,付款人名称,金额,摘要\nB1,20261214,Luoyang Water,3000.50,CR\n",
    "tabs and a time of day": "流水号\t交易时间\t对方名称\t收入金额\nB1\t2026-12-14 09:30:05\tLuoyang Water\t3000.50\n",
    "bars": "Transaction ID|Value date|Name|Amount\nB1|2026/12/14|Luoyang Water|3000.50\n",
    "a direction": "流水号,日期,对方户名,金额,借贷标志\nB1,2026.12.14,Luoyang Water,3000.50,贷\n",
    "a month by name": "Reference,Date,Payer,Amount\nB1,14 Dec 2026,Luoyang Water,3000.50\n",
    "a plus": "Reference,Date,Payer,Amount\nB1,14-Dec-2026,Luoyang Water,+3000.50\n",
    "an empty debit": "Reference,Date,Name,Debit,Credit\nB1,2026-12-14,Luoyang Water,0.00,3000.50\n",
    "French": "Référence;Date opération;Donneur d'ordre;Montant;Devise\nB1;14/12/2026;Luoyang Water;3000.50;CNY\n",
    "headings with notes": "交易流水号（银行）,交易日期,付款人,金额(元)\nB1,2026-12-14,Luoyang Water,3000.50\n",
    "full-width headings": "ＲＥＦＥＲＥＮＣＥ,Ｄａｔｅ,Payer,Amount\nB1,２０２６-１２-１４,Luoyang Water,3000.50\n",
}


@pytest.mark.parametrize("content", READ.values(), ids=READ)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_statement_is_read_as_its_bank_means_it(isolated: Flask, content: str, encoding: str) -> None:
    if encoding == "gb18030" and set(content) & set("üäé"):
        encoding = "cp1252"  # as a Western bank has it
    data = content.encode(encoding)
    with isolated.test_request_context():
        found = bank_statement.read(data, IN_CNY)
    assert found.problems == []
    (row,) = found.rows
    assert (row.reference, row.date, row.payer) == ("B1", date(2026, 12, 14), "Luoyang Water")
    assert (row.amount, row.currency) == (300_050, "CNY")


OUT = (
    "Reference,Date,Payer,Amount\nB1,2026-12-14,X,-5.00\n",
    "Reference,Date,Payer,Amount\nB1,2026-12-14,X,5.00-\n",
    "Reference,Date,Payer,Amount\nB1,2026-12-14,X,(5.00)\n",
    "Reference,Date,Payer,Amount\nB1,2026-12-14,X,−5.00\n",
    "流水号,日期,对方户名,收入,支出\nB1,2026-12-14,X,,5.00\n",
    "流水号,日期,对方户名,金额,借贷标志\nB1,2026-12-14,X,5.00,借\n",
    "Referenz;Datum;Auftraggeber;Betrag;Soll/Haben\nB1;14.12.2026;X;5.00;S\n",
)


@pytest.mark.parametrize("content", OUT)
def test_money_that_went_out_is_no_deposit(isolated: Flask, content: str) -> None:
    with isolated.test_request_context():
        found = bank_statement.read(content.encode(), IN_CNY)
    assert (found.rows, found.problems, found.outgoing) == ([], [], 1)


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1252", "Müller & Söhne KG"),
        ("cp1252", "Größe & Straße GmbH"),
        ("cp1252", "Société Générale – Crédit"),
        ("cp1252", "Çelik Ltd."),
        ("gb18030", "洛阳水务集团"),
        ("gb18030", "北京 ABC 科技有限公司"),
        ("gb18030", "镕基贸易（上海）有限公司"),
        ("utf-8", "Müller 洛阳"),
        ("utf-16", "Müller 洛阳"),
    ],
)
def test_names_keep_their_letters_in_every_encoding(encoding: str, words: str) -> None:
    text, found = encodings.decoded(f"Payer\n{words}\n".encode(encoding))
    assert words in text
    assert found.startswith(encoding[:5])


def test_a_person_chooses_the_encoding_where_it_is_another() -> None:
    assert encodings.decoded("株式会社".encode("shift_jis"), "shift_jis")[0] == "株式会社"
    assert encodings.decoded("臺灣銀行".encode("big5"), "big5")[0] == "臺灣銀行"
    with pytest.raises(ValueError, match="decode"):
        encodings.decoded(b"\xff\xff", "big5")


def test_a_file_that_shows_its_order_is_read_in_it(isolated: Flask) -> None:
    head = "Reference,Date,Payer,Amount\n"
    with isolated.test_request_context():
        british = bank_statement.read((head + "B1,05/01/2026,X,5\nB2,14/01/2026,X,5\n").encode(), IN_CNY)
        american = bank_statement.read((head + "B1,05/01/2026,X,5\nB2,01/14/2026,X,5\n").encode(), IN_CNY)
        nobody_knows = bank_statement.read((head + "B1,05/01/2026,X,5\nB2,06/01/2026,X,5\n").encode(), IN_CNY)
    assert british.rows[0].date == date(2026, 1, 5)
    assert american.rows[0].date == date(2026, 5, 1)
    assert nobody_knows.rows == []
    assert len(nobody_knows.problems) == 2


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("Line 5", "Buchungstag")), ("zh-CN", ("第", "5", "Buchungstag"))]
)
def test_a_problem_names_line_and_column_in_the_readers_language(
    isolated: Flask, language: str, words: tuple[str, ...]
) -> None:
    content = 'Konto;1\n\nBuchungstag;Referenz;Auftraggeber;Betrag\n14.12.2026;B1;"A";5\nmorgen;B2;B;5\n'
    with isolated.test_request_context(headers={"Accept-Language": language}):
        found = bank_statement.read(content.encode(), IN_CNY)
    (problem,) = found.problems
    assert all(word in problem for word in words)
    assert len(found.rows) == 1


@pytest.mark.parametrize(
    "written",
    ["{0}", "ＣＲ－２０２６－００００１７－Ｋ", "CR–2026–000017–K", "CR—2026—000017—K", "cr 2026 000017 k",
     "CR‑2026‑000017‑K",
     "CR-2O26-OOOO17-K", "Zahlung cr−2026−000017−k danke", "汇款CR－2026－000017－K谢谢", "CR_2026_000017_K",
     "CR2026000017K", "CR-\n2026-000017-K"],
)  # fmt: skip
def test_a_payment_reference_is_found_however_it_was_typed(written: str) -> None:
    good = payment_reference.make(2026, 17)
    letter = good[-1]
    fits = written.replace("-K", f"-{letter}").replace("－Ｋ", f"－{letter}").replace("Ｋ", letter)
    fits = fits.replace("–K", f"–{letter}").replace("—K", f"—{letter}").replace("‑K", f"‑{letter}")
    fits = fits.replace("－K", f"－{letter}").replace("_K", f"_{letter}").replace("17K", f"17{letter}")
    fits = fits.replace(" k", f" {letter.lower()}").replace("−k", f"−{letter.lower()}").replace("{0}", good)
    assert payment_reference.read(fits) == good


@pytest.mark.parametrize("one", ["ICBC-2026 001a", "ICBC-2026 001A", "icbc-2026001a", "ＩＣＢＣ－２０２６００１Ａ"])
def test_a_bank_reference_is_one_in_any_case_and_width(one: str) -> None:
    assert bank_text.reference_key(one) == "ICBC-2026001A"
