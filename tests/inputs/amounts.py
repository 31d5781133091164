"""Amounts as people, spreadsheets and banks write them: (what is written, currency, minor units or why it is refused).

By the country whose convention it is. Each row goes through every way in which an amount comes to the platform.
"""

from crowd.numbers import UnreadableReason

NO, GROUPS, DECIMALS = UnreadableReason.NO_NUMBER, UnreadableReason.GROUPS, UnreadableReason.DECIMALS
AMBIGUOUS, SIGN, CURRENCY, LARGE = (
    UnreadableReason.AMBIGUOUS,
    UnreadableReason.SIGN,
    UnreadableReason.CURRENCY,
    UnreadableReason.LARGE,
)
Row = tuple[str, str, int | UnreadableReason]

CHINA: list[Row] = [
    ("1234", "CNY", 123400), ("1234.5", "CNY", 123450), ("1,234.50", "CNY", 123450), ("0.5", "CNY", 50),
    ("¥1,234.50", "CNY", 123450), ("￥1,234.50", "CNY", 123450), ("￥ 1，234．50", "CNY", 123450),
    ("１２３４．５０", "CNY", 123450), ("１，２３４", "CNY", 123400), ("12。50", "CNY", 1250),
    ("1234元", "CNY", 123400), ("1234.50元", "CNY", 123450), ("1234 元", "CNY", 123400), ("1,234元整", "CNY", 123400),
    ("人民币1234元", "CNY", 123400), ("人民币 1,234.50", "CNY", 123450), ("RMB 1,234.50", "CNY", 123450),
    ("RMB1234", "CNY", 123400), ("rmb 5", "CNY", 500), ("CNY 1,234.50", "CNY", 123450), ("1234 CNY", "CNY", 123400),
    ("ＣＮＹ１２３４", "CNY", 123400), ("CN¥300", "CNY", 30000), ("300块", "CNY", 30000), ("300圆", "CNY", 30000),
    ("5万", "CNY", 5_000_000), ("5 万元", "CNY", 5_000_000), ("1.5万", "CNY", 1_500_000),
    ("１．５万元", "CNY", 1_500_000), ("12.3456万元", "CNY", 12_345_600), ("1.234万", "CNY", 1_234_000),
    ("1,234万", "CNY", 1_234_000_000), ("¥30万", "CNY", 30_000_000), ("2亿", "CNY", 20_000_000_000),
    ("1.2亿元", "CNY", 12_000_000_000), ("1亿2000万", "CNY", 12_000_000_000), ("3万5000元", "CNY", 3_500_000),
    ("3百万元", "CNY", 300_000_000), ("8千", "CNY", 800_000), ("12元5角", "CNY", 1250), ("12元5角3分", "CNY", 1253),
    ("12元零5分", "CNY", NO), ("12元05分", "CNY", 1205), ("5角", "CNY", 50), ("8分", "CNY", 8),
    ("1,200元5角", "CNY", 120050), ("壹万贰仟叁佰元伍角整", "CNY", 1_230_050), ("人民币壹佰元整", "CNY", 10_000),
    ("贰拾万零伍元叁分", "CNY", 20_000_503), ("三万五千元", "CNY", 3_500_000), ("十万元", "CNY", 10_000_000),
    ("三万五元", "CNY", NO), ("一百二元", "CNY", NO), ("3万5", "CNY", AMBIGUOUS), ("1.5亿2000万", "CNY", NO),
    ("5万亿亿", "CNY", NO), ("万", "CNY", NO), ("元", "CNY", NO), ("2000万1亿", "CNY", NO),
    ("1.234567万", "CNY", 1_234_567), ("1.23456789万", "CNY", DECIMALS), ("5美元", "CNY", CURRENCY),
    ("$5", "CNY", CURRENCY), ("100日元", "CNY", CURRENCY), ("HK$100", "CNY", CURRENCY), ("100港币", "CNY", CURRENCY),
    ("新台币100", "CNY", CURRENCY), ("约5万", "CNY", NO), ("5万左右", "CNY", NO), ("5-6万", "CNY", NO),
    ("12元5角6", "CNY", NO), ("1.5元5角", "CNY", NO), ("10000亿元", "CNY", 100_000_000_000_000),
    ("100万亿元", "CNY", LARGE), ("2万0.00001亿", "CNY", NO), ("3亿0.5万1000", "CNY", NO),
    ("1亿2.5万", "CNY", 10_002_500_000),
]  # fmt: skip
GERMANY: list[Row] = [
    ("1.500,00", "EUR", 150_000), ("1.500,00 €", "EUR", 150_000), ("12,50", "EUR", 1250), ("12,5", "EUR", 1250),
    ("1.234.567,89", "EUR", 123_456_789), ("1.234.567", "EUR", 123_456_700), ("EUR 1.500,00", "EUR", 150_000),
    ("1500,00 EUR", "EUR", 150_000), ("€ 12,50", "EUR", 1250), ("12,50 Euro", "EUR", 1250), ("12,- €", "EUR", 1200),
    ("12,-- EUR", "EUR", 1200), ("12,–", "EUR", 1200), ("0,99", "EUR", 99), (",50", "EUR", 50),
    ("1,5 Mio. €", "EUR", 150_000_000), ("2 Mrd", "EUR", 200_000_000_000), ("60.000", "EUR", AMBIGUOUS),
    ("1.234", "EUR", AMBIGUOUS), ("€ 60.000", "EUR", AMBIGUOUS), ("60.000 EUR", "EUR", AMBIGUOUS),
    ("1.234 Mio.", "EUR", AMBIGUOUS), ("1,234 Mio", "EUR", AMBIGUOUS), ("1.50.000,00", "EUR", GROUPS),
    ("1.500,000", "EUR", DECIMALS), ("12,505", "EUR", 1_250_500), ("1.500,0,0", "EUR", GROUPS),
    ("1.5000,00", "EUR", GROUPS), ("12.50 DM", "EUR", NO), ("CHF 12,50", "EUR", CURRENCY), ("12,50", "CNY", 1250),
    ("1.500,00", "CNY", 150_000), ("60.000", "CNY", AMBIGUOUS), ("60.000,00", "CNY", 6_000_000), ("12,", "EUR", NO),
]  # fmt: skip
FRANCE: list[Row] = [
    ("1 234,50", "EUR", 123_450), ("1\u202f234,50", "EUR", 123_450), ("1\u00a0234,50 €", "EUR", 123_450),
    ("1\u2009234\u2009567", "EUR", 123_456_700), ("1\u3000234", "EUR", 123_400),
    ("12 345 678,9", "EUR", 1_234_567_890), ("60 000 €", "EUR", 6_000_000), ("60 000", "CNY", 6_000_000),
    ("1 234.50", "EUR", 123_450), ("1  234", "EUR", 123_400), ("12 50", "EUR", GROUPS), ("1 2 3", "EUR", GROUPS),
    ("1234 567", "EUR", GROUPS), ("1 234 56", "EUR", GROUPS), ("1 234,567", "EUR", DECIMALS), ("12 , 50", "EUR", NO),
    ("1 234 euros", "EUR", 123_400), ("12€50", "EUR", NO), ("1 000 000,00\u00a0EUR", "EUR", 100_000_000),
    ("\ufeff1\u200b234,50", "EUR", 123_450), ("0,5", "EUR", 50),
]  # fmt: skip
SWITZERLAND: list[Row] = [
    ("1'234.50", "EUR", 123_450), ("1’234.50", "EUR", 123_450), ("1‘234", "EUR", 123_400), ("1ʼ234", "USD", 123_400),
    ("1＇234", "CNY", 123_400), ("1'234'567.05", "CNY", 123_456_705), ("12.-", "EUR", 1200), ("12.–", "EUR", 1200),
    ("12.—", "EUR", 1200), ("12.--", "EUR", 1200), ("1'200.-", "EUR", 120_000), ("EUR 1'200.–", "EUR", 120_000),
    ("1'234,50", "EUR", 123_450), ("1'23", "EUR", GROUPS), ("1'234'56", "EUR", GROUPS), ("12'34'567", "EUR", GROUPS),
    ("1'234.567", "EUR", DECIMALS), ("1'234 567", "EUR", GROUPS), ("CHF 12.50", "EUR", CURRENCY),
    ("Fr. 12.-", "EUR", CURRENCY), ("12.50 sFr.", "USD", CURRENCY), ("234'", "EUR", NO), ("12.", "EUR", NO),
    ("1'234.5", "JPY", DECIMALS), ("1'234", "JPY", 1234),
]  # fmt: skip
INDIA: list[Row] = [
    ("12,34,567", "USD", 123_456_700), ("12,34,567.00", "USD", 123_456_700), ("1,50,000", "CNY", 15_000_000),
    ("1,00,00,000", "USD", 1_000_000_000), ("10,00,000.50", "EUR", 100_000_050), ("2.5 lakh", "USD", 25_000_000),
    ("3 lakhs", "USD", 30_000_000), ("1.2 crore", "USD", 1_200_000_000), ("$ 5 crores", "USD", 5_000_000_000),
    ("1,50,00", "USD", GROUPS), ("1,5,000", "USD", GROUPS), ("123,45,678", "USD", GROUPS),
    ("12,34,56", "USD", GROUPS), ("₹ 5,000", "USD", CURRENCY), ("Rs. 500", "EUR", CURRENCY),
    ("INR 12,34,567", "CNY", CURRENCY), ("12,34,567", "JPY", 1_234_567), ("1.50.000", "USD", GROUPS),
    ("१२३", "USD", NO),
]  # fmt: skip
UNITED_STATES: list[Row] = [
    ("1,234", "USD", 123_400), ("1,234.56", "USD", 123_456), ("$1,234.56", "USD", 123_456),
    ("$ 1,234", "USD", 123_400), ("US$1,234", "USD", 123_400), ("USD 1,234.5", "USD", 123_450),
    ("1,234 USD", "USD", 123_400), ("$.50", "USD", 50), ("$1.5 million", "USD", 150_000_000),
    ("10k", "USD", 1_000_000), ("$425,000", "USD", 42_500_000), ("2.5 bn", "USD", 250_000_000_000),
    ("250 thousand", "USD", 25_000_000), ("100 dollars", "USD", 10_000), ("1,234,567.89", "USD", 123_456_789),
    ("60,000", "USD", 6_000_000), ("60,000", "CNY", 6_000_000), ("007", "USD", 700), ("1,2,3", "USD", GROUPS),
    ("1,23", "USD", 123), ("1,2345", "USD", DECIMALS), ("1234,567", "USD", DECIMALS), ("01,234", "USD", DECIMALS),
    ("0,500", "USD", DECIMALS), ("1,234.5678", "USD", DECIMALS), ("1,234,56", "USD", GROUPS), ("1,,234", "USD", NO),
    ("1.2.3", "USD", GROUPS), ("1e3", "USD", NO), ("0x10", "USD", NO), ("NaN", "USD", NO), ("Infinity", "USD", NO),
    ("1_000", "USD", NO), ("ten", "USD", NO), ("10²", "USD", NO), ("½", "USD", NO), ("①", "USD", NO),
    ("5%", "USD", NO), ("$", "USD", NO), ("-5", "USD", SIGN), ("+5", "USD", SIGN), ("(5.00)", "USD", SIGN),
    ("5.00-", "USD", SIGN), ("−$5", "USD", SIGN), ("--5", "USD", NO), ("€5", "USD", CURRENCY),
    ("£5", "USD", CURRENCY), ("5 yuan", "USD", CURRENCY), ("CA$5", "USD", CURRENCY), ("USD 5 EUR", "USD", CURRENCY),
    ("10,000,000,000,000.01", "USD", LARGE), ("9" * 60, "USD", LARGE), ("9" * 101, "USD", UnreadableReason.LONG),
    ("60.000", "USD", AMBIGUOUS), ("$1.234", "USD", AMBIGUOUS), ("1234.567", "USD", DECIMALS),
    ("0.125", "USD", DECIMALS),
]  # fmt: skip
JAPAN: list[Row] = [
    ("3000", "JPY", 3000), ("3,000", "JPY", 3000), ("￥3,000", "JPY", 3000), ("¥3,000", "JPY", 3000),
    ("3,000円", "JPY", 3000), ("３，０００円", "JPY", 3000), ("JPY 3,000", "JPY", 3000), ("JP¥3000", "JPY", 3000),
    ("3万円", "JPY", 30_000), ("1.5万円", "JPY", 15_000), ("3億5000万円", "JPY", 350_000_000),
    ("3万500円", "JPY", 30_500), ("100萬円", "JPY", 1_000_000), ("日元3000", "JPY", 3000), ("3000 yen", "JPY", 3000),
    ("60.000", "JPY", 60_000), ("1.234.567", "JPY", 1_234_567), ("1 234", "JPY", 1234), ("12.50", "JPY", DECIMALS),
    ("12,50", "JPY", DECIMALS), ("3000.00", "JPY", 3000), ("3,000.00", "JPY", 3000), ("0.5", "JPY", DECIMALS),
    ("1.500.000,00", "JPY", 1_500_000), ("60.00", "JPY", 60), ("3000.0", "JPY", DECIMALS), ("3000.01", "JPY", DECIMALS),
    ("1.23456万", "JPY", DECIMALS), ("3,000元", "JPY", CURRENCY), ("$30", "JPY", CURRENCY), ("三千円", "JPY", NO),
    ("3000,-", "JPY", 3000),
]  # fmt: skip
ROWS = [*CHINA, *GERMANY, *FRANCE, *SWITZERLAND, *INDIA, *UNITED_STATES, *JAPAN]
# Only in statements: outgoing money, or a plus before incoming money. Minor units.
SIGNED: list[tuple[str, str, int]] = [
    ("-5.00", "EUR", -500), ("−5,00", "EUR", -500), ("－５．００", "CNY", -500), ("5,00-", "EUR", -500),
    ("5.00 -", "USD", -500), ("(5.00)", "USD", -500), ("($5.00)", "USD", -500), ("-$5.00", "USD", -500),
    ("$-5.00", "USD", -500), ("€ 5,00-", "EUR", -500), ("5,00- EUR", "EUR", -500), ("+5,00", "EUR", 500),
    ("5,00+", "EUR", 500), ("（1,234.50）", "CNY", -123_450), ("-1'234.-", "EUR", -123_400),
    ("-3万", "CNY", -3_000_000), ("-3,000円", "JPY", -3000), ("5.-", "EUR", 500),
    ("60.000,-", "EUR", 6_000_000), ("1.500,- EUR", "EUR", 150_000), ("60.000,–", "EUR", 6_000_000),
    ("60.000.-", "EUR", 6_000_000), ("1,500.-", "USD", 150_000), ("1.500,--", "EUR", 150_000),
]  # fmt: skip
