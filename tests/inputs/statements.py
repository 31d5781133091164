"""Statements of banks of many countries, as tables of (what the bank writes, what it means)."""

IN, OUT, LINE = "came", "went", "a problem of its line"

# (heading, cell of the direction) and what the line is: never income where the cell does not say so.
DIRECTIONS: list[tuple[str, str, str]] = [
    *[(heading, cell, way)
      for heading in ("Dr/Cr", "D/C", "DC", "Cr/Dr", "Debit/Credit Indicator", "CreditDebitIndicator", "CdtDbtInd",
                      "Dr / Cr", "DR_CR")
      for cell, way in (("C", IN), ("D", OUT), ("CR", IN), ("DR", OUT), ("CRDT", IN), ("DBIT", OUT), ("", LINE),
                        ("X", LINE))],
    *[(heading, cell, way)
      for heading in ("Type", "Transaction Type", "Txn Type", "Details")
      for cell, way in (("Credit", IN), ("Debit", OUT), ("DEBIT", OUT), ("Withdrawal", OUT))],
    *[(heading, cell, way)
      for heading in ("Soll/Haben-Kennzeichen", "S/H", "Soll/Haben-Kz.", "SH-Kennzeichen", "Haben/Soll")
      for cell, way in (("H", IN), ("S", OUT), ("Haben", IN), ("Soll", OUT), ("", LINE))],
    ("Vorzeichen", "+", IN), ("Vorzeichen", "-", OUT), ("Vorzeichen", "−", OUT), ("Vorzeichen", "－", OUT),
    ("Umsatztyp", "Eingang", IN), ("Umsatztyp", "Ausgang", OUT), ("Umsatzart", "Lastschrift", OUT),
    ("Bewegungstyp", "Belastung", OUT), ("Buchungsart", "Auszahlung", OUT),
    ("Sens", "C", IN), ("Sens", "D", OUT), ("Sens", "Crédit", IN), ("Sens", "DÉBIT", OUT), ("Sens", "Sortie", OUT),
    ("Sens de l'opération", "débit", OUT), ("Sens", "", LINE),
    *[(heading, cell, way)
      for heading in ("借贷", "借/贷", "借贷标记", "借贷标识", "借贷方向")
      for cell, way in (("贷", IN), ("借", OUT), ("贷方", IN), ("借方", OUT), ("", LINE), ("冲", LINE))],
    *[(heading, cell, way)
      for heading in ("来往账", "来往账标志", "交易类型", "业务类型", "方向", "交易方向", "收支方向")
      for cell, way in (("来账", IN), ("往账", OUT), ("转入", IN), ("转出", OUT), ("收入", IN), ("支出", OUT))],
    ("入払区分", "入金", IN), ("入払区分", "出金", OUT), ("取引区分", "出金", OUT),
    ("Type", "ACH_DEBIT", OUT), ("Type", "ACH_CREDIT", IN), ("Type", "Outgoing wire", OUT),
    ("交易类型", "网银转出", OUT),
    ("交易类型", "跨行汇出汇款", OUT), ("交易类型", "普通汇入", IN), ("Umsatzart", "SEPA-Lastschrift", OUT),
    ("Umsatzart", "Überweisungsgutschrift", IN), ("Type", "Direct debit", OUT), ("D/C", "支付宝转入", IN),
    # headings that nobody knows: all their cells are words of direction
    ("Flow", "out", OUT), ("Way", "Outgoing", OUT), ("Richtung", "Ausgang", OUT), ("Kierunek", "Debit", OUT),
    ("进帐或出帐", "支出", OUT), ("来去", "往账", OUT), ("Flow", "Incoming", IN), ("Spalte 7", "S", OUT),
]  # fmt: skip

# (heading of the amount, heading and cell of another column, the currency): one that is not used here is a problem.
CURRENCIES: list[tuple[str, str, str, str]] = [
    *[("Amount", heading, cell, "EUR")
      for heading in ("Ccy", "Curr", "Cur", "Cur.", "Currency Code", "Account Currency", "Monnaie", "Whg", "Whg.",
                      "Whrg", "WKZ", "通貨", "货币代码", "交易币种", "记账币种", "币种代码", "Devise", "Something",
                      "ISO-Code")
      for cell in ("EUR",)],
    *[("Amount", "Currency", cell, code)
      for cell, code in (("€", "EUR"), ("ＥＵＲ", "EUR"), ("Euro", "EUR"), ("euros", "EUR"), ("欧元", "EUR"),
                         ("人民币元", "CNY"), ("人民币", "CNY"), ("RMB", "CNY"), ("CNY 人民币", "CNY"), ("元", "CNY"),
                         ("US$", "USD"), ("美元", "USD"), ("US Dollar", "USD"), ("日本円", "JPY"), ("円", "JPY"),
                         ("CHF", LINE), ("BRL", LINE), ("Hong Kong Dollar", LINE), ("HKD", LINE), ("港币", LINE))],
    *[(heading, "", "", code)
      for heading, code in (("Betrag (€)", "EUR"), ("Betrag in EUR", "EUR"), ("Betrag EUR", "EUR"),
                            ("Betrag in €", "EUR"), ("Amount (USD)", "USD"), ("Amount USD", "USD"),
                            ("USD Amount", "USD"), ("Amount in US$", "USD"), ("金额（元）", "CNY"),
                            ("金额(人民币)", "CNY"), ("交易金额（人民币元）", "CNY"), ("金额（单位：元）", "CNY"),
                            ("金额(美元)", "USD"), ("Montant en euros", "EUR"), ("Montant (EUR)", "EUR"),
                            ("金額（円）", "JPY"), ("Gutschrift in EUR", "EUR"), ("Amount (CHF)", LINE),
                            ("Deposit Amt. (INR)", LINE))],
    ("Betrag in EUR", "Whg", "USD", LINE), ("金额（元）", "币种", "USD", LINE), ("Amount (USD)", "Ccy", "EUR", LINE),
    ("Betrag in EUR", "Whg", "EUR", "EUR"),
]  # fmt: skip

# Whole files, each with the reference B1, 14 December 2026, the payer Luoyang Water and 3,000.50 euros.
FILES: dict[str, str] = {
    "记账日, 对方单位": "流水号,记账日,对方单位,存入,支取,币种\nB1,2026-12-14,Luoyang Water,3000.50,,EUR\n",
    "交易日, 收(付)方名称": "流水号,交易日,收(付)方名称,收入,支出,币种\nB1,20261214,Luoyang Water,3000.50,,EUR\n",
    "到账日期, 对手户名": "流水号,到账日期,对手户名,金额,币种\nB1,2026年12月14日,Luoyang Water,3000.50,欧元\n",
    "汇款人": "交易流水号,到账时间,汇款人,金额,币种\nB1,2026-12-14 08:00:00,Luoyang Water,3000.50,欧元\n",
    "客户名称": "业务编号,交易日期,客户名称,贷方金额,借方金额,币种\nB1,2026-12-14,Luoyang Water,3000.50,0.00,EUR\n",
    "交易对方": "交易序号,日期,交易对方,收支金额,收支方向,币种\nB1,2026-12-14,Luoyang Water,3000.50,收,EUR\n",
    "in two languages": "交易流水号[ Transaction reference number ],起息日期[ Value Date ],付款人名称[ Payer's Name ],"
    "交易货币[ Trade Currency ],交易金额[ Trade Amount ]\nB1,20261214,Luoyang Water,EUR,3000.50\n",
    "a German bank": "Buchungstag;Wertstellung;Auftraggeber/Begünstigter;Verwendungszweck;"
    "Betrag in EUR;Kundenreferenz\n"
    "11.12.2026;14.12.2026;Luoyang Water;CR;3.000,50;B1\n",
    "a German bank with directions": "Buchungsdatum;Valuta;Auftraggeber;Referenz;Umsatz;Whg;S/H\n"
    "11.12.2026;14.12.2026;Luoyang Water;B1;3.000,50;EUR;H\n",
    "a Swiss bank": "Abschlussdatum;Buchungsdatum;Valutadatum;Währung;Belastung;Gutschrift;Auftraggeber;"
    "Transaktions-Nr.;Beschreibung1;Beschreibung2\n"
    "2026-12-11;2026-12-11;2026-12-14;EUR;;3'000.50;Luoyang Water;B1;Zahlung;CR\n",
    "a French bank": "Date de l'opération;Date de valeur;Nom du donneur d'ordre;Débit;Crédit;Devise;Référence;Libellé\n"
    "11/12/2026;14/12/2026;Luoyang Water;;3 000,50;EUR;B1;CR\n",
    "a Japanese bank": "取引番号,取引日,起算日,振込依頼人名,入金金額,出金金額,通貨,摘要\n"
    'B1,2026/12/11,2026/12/14,Luoyang Water,"3,000.50",,EUR,振込\n',
    "an Indian bank": "Date,Remitter Name,Narration,Chq./Ref.No.,Value Dt,Withdrawal Amt.,Deposit Amt.,Ccy\n"
    '11/12/26,Luoyang Water,NEFT CR,B1,14/12/26,,"3,000.50",EUR\n',
    "an American bank": "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #,Payer,Currency\n"
    "CREDIT,12/14/2026,ORIG CO NAME,3000.50,ACH_CREDIT,9000.00,B1,Luoyang Water,EUR\n",
    "marks behind the amount": "Txn ID,Value Date,Counterparty,Amount,Ccy\n"
    'B1,14-Dec-2026,Luoyang Water,"3,000.50 Cr",EUR\n',
    "thousands in the heading": "流水号,日期,对方户名,金额（万欧元）,币种\nB1,2026-12-14,Luoyang Water,0.30005,EUR\n",
    "the currency before the table": "Konto;DE89370400440532013000\nWährung;EUR\n\n"
    "Referenz;Valuta;Auftraggeber;Betrag\nB1;14.12.2026;Luoyang Water;3.000,50\n",
    "the currency beside the amount": 'Reference,Date,Payer,Amount\nB1,2026-12-14,Luoyang Water,"EUR 3,000.50"\n',
    "a sign beside the amount": "Referenz;Datum;Auftraggeber;Betrag\nB1;14.12.2026;Luoyang Water;3.000,50 €\n",
}

# (headings of the booking date and the value date), as many as files have both.
DATES = [
    ("Buchungstag", "Valutadatum"), ("Buchungsdatum", "Wertstellung"), ("交易日期", "起息日"), ("记账日期", "起息日期"),
    ("Booking date", "Value date"), ("Posting Date", "Value Dt"), ("Date opération", "Date valeur"), ("Date", "Valeur"),
    ("取引日", "起算日"), ("交易日期", "到账日期"), ("Datum", "Valuta"), ("Transaction Date", "Value Dt."),
]  # fmt: skip

TEXTS = [
    ("摘要", "附言"), ("description", "remittance information"), ("Buchungstext", "Verwendungszweck"),
    ("用途", "备注"), ("Libellé", "Motif"), ("Narration", "Remarks"), ("Verwendungszweck 1", "Verwendungszweck 2"),
    ("Beschreibung1", "Beschreibung3"), ("摘要", "備考"), ("Memo", "Details"),
]  # fmt: skip

# (encoding, the payer): nothing else in the file is beyond ASCII.
ENCODED = [
    *[("cp1252", payer)
      for payer in ("Müller & Söhne KG", "ÄÖÜ GmbH", "Größe & Straße GmbH", "Société Générale – Crédit", "Çelik Ltd.",
                    "Überland AG", "MÜLLER KG", "Peña y Hijos", "Crédit Agricole", "Åse Øst", "Francês e Irmão",
                    "Jörg Müßig", "ÖBB", "Hôtel Grand-Châlet", "Bäckerei Schön")],
    *[("cp850", payer)
      for payer in ("Müller", "Müller & Söhne KG", "Überland AG", "Größe KG", "Société Générale", "Crédit Agricole",
                    "Bäckerei Schön", "Jörg Weiß", "MÜLLER KG")],
    *[("gb18030", payer)
      for payer in ("洛阳水务集团", "北京 ABC 科技有限公司", "镕基贸易（上海）有限公司", "张伟", "李娜", "王小明",
                    "中国石油化工股份有限公司", "深圳市腾飞电子厂", "A股投资公司")],
    *[("big5", payer)
      for payer in ("臺灣銀行", "台積電股份有限公司", "鴻海精密工業股份有限公司", "陳美玲", "國立臺灣大學", "中華電信",
                    "林志明貿易有限公司", "高雄市政府環保局")],
    *[("cp932", payer)
      for payer in ("株式会社山田", "トヨタ自動車", "㈱ヤマダ電機", "髙橋商店", "三菱UFJ銀行", "ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ",
                    "有限会社さくら")],
]  # fmt: skip
