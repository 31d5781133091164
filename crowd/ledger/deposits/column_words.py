"""The words with which banks name the columns of their files and mark incoming and outgoing money, as data.

Case, width, accents, spaces and punctuation do not count. A field's names are in order of rank: in a file with several
of them the first rank is meant, so that a value date wins over a booking date, and a payer over a counterparty.
"""

HEADINGS: dict[str, tuple[str, ...]] = {
    "reference": (
        "reference bankreference transactionreference transactionreferencenumber transactionid transactionno txnid "
        "referenceno referencenumber refno bankref utr utrnumber referenz bankreferenz kundenreferenz "
        "transaktionsnr transaktionsnummer buchungsreferenz référence référencebanque réf numérodopération "
        "noopération 交易流水号 流水号 银行流水号 核心流水号 交易流水 交易编号 交易参考号 业务编号 业务参考号 "
        "参考号 主机流水号 电子流水号 银行交易流水号 核心交易流水号 交易序号 明细编号 取引番号 照会番号 整理番号 "
        "管理番号",
        "chqrefno chequerefno chqno chequeno refnochequeno checkorslip checknumber checkno belegnummer "
        "numérodepièce nopièce 凭证号 凭证号码 凭证编号 回单编号 电子回单号",
    ),
    "date": (
        "valuedate valuedt valuta valutadatum wertstellung wertstellungsdatum wertstellungstag "
        "datevaleur datedevaleur valeur 起息日 起息日期 起算日",
        "到账日期 到账时间 到账日 到帐日期 到帐时间 入账日期 入账时间 入账日 入帐日期",
        "bookingdate postingdate posteddate postdate dateposted bookdate entrydate buchungstag buchungsdatum "
        "buchung datecomptable datedecomptabilisation dateécriture 记账日期 记账日 记账时间 记帐日期 記帳日 勘定日",
        "date transactiondate transdate trandate txndate dt datum dateopération datedopération datedelopération "
        "日期 时间 交易日期 交易日 交易时间 交易日期时间 交易时间戳 取引日 取引日付 お取引日 取扱日 日付 年月日",
    ),
    "payer": (
        "payer payername paidby remitter remittername sender sendername originator debtor debtorname "
        "orderingcustomer orderingparty auftraggeber zahlungspflichtiger zahler einzahler nomdudonneurdordre "
        "donneurdordre émetteur payeur nomdelémetteur 付款人 付款方 付款人名称 付款方名称 付款人户名 付款人姓名 "
        "付款方户名 付款单位 付款单位名称 付款户名 付款账户名称 付款账户名 汇款人 汇款人名称 汇款人姓名 汇款方 "
        "汇款单位 缴款人 交款人 缴款单位 汇款户名 振込依頼人 振込依頼人名 ご依頼人 ご依頼人名 依頼人名 振込人名義 "
        "振込人",
        "counterparty counterpartyname payerpayee payeepayer customername partyname zahlungsbeteiligter "
        "namezahlungsbeteiligter beguenstigterzahlungspflichtiger begünstigterzahlungspflichtiger gegenpartei "
        "auftraggeberbegünstigter auftraggeberempfänger auftraggeberzahlungsempfänger contrepartie tiers "
        "nomdutiers 对方户名 对方名称 对方账户名称 对方账户名 对方单位 对方单位名称 对方账户户名 对方 对方姓名 "
        "对方公司名称 对手户名 对手名称 对手方 对手方名称 对手方户名 交易对方 交易对方名称 交易对方户名 交易对手 "
        "交易对手名称 收付方名称 收付方户名 收付款人 收付款人名称 收付款方 收付款方名称 往来单位 往来单位名称 "
        "客户名称 客户名 相手先 相手先名 相手名 取引先 取引先名",
        "name nom 名称 姓名",
    ),
    "amount": (
        "amount transactionamount txnamount tradeamount amt betrag umsatz umsatzbetrag buchungsbetrag montant "
        "montantopération montantdelopération 金额 交易金额 发生额 交易发生额 本次发生额 发生金额 收支金额 "
        "取引金額 金額",
    ),
    "credit": (
        "credit credits creditamount creditamt cramount deposit deposits depositamt depositamount depositscr "
        "moneyin paidin inflow receipts receiptamount amountin 贷方 贷方金额 贷方发生额 贷方发生金额 贷方交易金额 "
        "收入 收入金额 收入额 转入 转入金额 存入 存入金额 存入额 收款金额 收方金额 收方发生额 进账金额 来账金额 "
        "haben gutschrift gutschriften einnahme einnahmen eingang zahlungseingang einzahlung habenbetrag crédit "
        "crédits montantcrédit créditmontant entrée entrées recette recettes 入金 入金額 入金金額 お預り金額 "
        "お預かり金額 預り金額 預入金額 お預入れ 預入額 貸方 貸方金額 受入金額",
    ),
    "debit": (
        "debit debits debitamount debitamt dramount withdrawal withdrawals withdrawalamt withdrawalamount "
        "withdrawalsdr withdrawaldr moneyout paidout outflow payments amountout 借方 借方金额 借方发生额 "
        "借方发生金额 借方交易金额 支出 支出金额 支出额 转出 转出金额 支取 支取金额 取出 付款金额 付方金额 "
        "付方发生额 出账金额 往账金额 soll lastschrift lastschriften belastung belastungen ausgabe ausgaben "
        "ausgang zahlungsausgang auszahlung sollbetrag débit débits montantdébit débitmontant sortie sorties "
        "dépense dépenses 出金 出金額 出金金額 お支払金額 お支払い金額 支払金額 お引出し 引出額 借方金額 払出金額",
    ),
    "sign": (
        "sign direction debitcredit creditdebit debitorcredit creditordebit drcr crdr dc cd dbcr crdb dbtcdt "
        "cdtdbt debitcreditindicator creditdebitindicator debitcreditmark creditdebitmark debitcreditcode "
        "dcindicator cdtdbtind dcmark drcrindicator crdrindicator inout 借贷 借贷标志 借贷标记 借贷标识 借贷方向 "
        "借贷别 借贷标致 收支 收支标志 收支标记 收支标识 收支方向 收支类型 收付 收付标志 收付标记 收付方向 来往账 "
        "来往帐 往来账 来往账标志 往来账标志 来往标志 往来标志 方向 交易方向 资金方向 资金流向 出入账 进出账 出入 "
        "进出 sollhaben habensoll sh hs sollhabenkennzeichen habensollkennzeichen sollhabenkz shkennzeichen shkz "
        "sollhabenmerkmal vorzeichen sens sensdelopération débitcrédit créditdébit 入出金区分 入払区分 出入金区分 "
        "貸借 貸借区分",
    ),
    "currency": (
        "currency ccy curr cur currencycode transactioncurrency tradecurrency 币种 货币 币别 货币代码 货币种类 "
        "币种代码 币种名称 交易币种 交易货币 交易币别 währung waehrung whg whrg wkz währungscode devise monnaie "
        "codedevise devisedelopération 通貨 通貨コード",
        "accountcurrency accountccy 记账币种 记账货币 账户币种 账户货币 kontowährung kontowaehrung devisecompte "
        "deviseducompte monnaieducompte",
    ),
    "text": (
        "text purpose remark remarks description memo narration narrative particulars details "
        "remittanceinformation remittanceinfo remittance paymentdetails paymentreference paymentpurpose message "
        "additionalinformation additionalinfo endtoendid endtoendreference customerreference note notes 摘要 附言 "
        "用途 备注 交易附言 交易备注 交易摘要 交易用途 交易说明 付款用途 付款附言 汇款附言 汇款用途 资金用途 留言 "
        "客户附言 客户备注 用途说明 附加信息 摘要说明 verwendungszweck vwz buchungstext zahlungszweck "
        "zahlungsgrund mitteilung mitteilungen avisierungstext beschreibung buchungsdetails detail libellé "
        "libellés motif communication intitulé détails information informations objet référenceclient 備考 "
        "取引内容 お取引内容 通信欄 連絡欄 お取り扱い内容",
    ),
}
# Headings that mean a direction in some files, and something else in others: the cells decide.
WEAK_DIRECTIONS = (
    "type transactiontype txntype trantype entrytype kind indicator details mode typ art umsatztyp umsatzart "
    "buchungsart transaktionsart zahlungsart bewegungstyp typeopération typedopération nature mouvement 类型 "
    "交易类型 交易类别 业务类型 资金类型 流水类型 账务类型 标志 标识 区分 取引区分 入出金 種別"
)
CREDIT = (
    "c cr crdt credit credits credited in incoming inflow received receipt deposit moneyin paidin h haben "
    "habenbuchung gutschrift eingang zahlungseingang einzahlung zugang einnahme crédit entrée recette "
    "encaissement 贷 贷方 贷记 收 收入 收款 收方 进 进账 入 入账 入帐 来账 来帐 转入 存入 汇入 流入 来 入金 預入 "
    "お預入れ 貸方 貸 +"
)
DEBIT = (
    "d dr dbit debit debits debited out outgoing outflow sent withdrawal moneyout paidout s soll sollbuchung "
    "lastschrift belastung ausgang zahlungsausgang auszahlung abgang ausgabe débit sortie dépense décaissement 借 "
    "借方 借记 付 支 支出 付款 付方 支付 出 出账 出帐 往账 往帐 转出 支取 取出 汇出 流出 往 出金 引出 お引出し "
    "払出 - rc"
)
