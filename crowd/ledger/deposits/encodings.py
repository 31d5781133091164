"""The encoding of a bank's file: a byte order mark decides, no other text is valid UTF-8 by chance, and of the others
the one whose text is most plausible. Pure.
"""

import codecs
import re
from contextlib import suppress
from functools import cache

from crowd.chinese import simplified
from crowd.ledger.deposits import headings

ENCODINGS = ("utf-8-sig", "gb18030", "cp1252", "cp850", "utf-16", "shift_jis", "big5")  # the choices of a person
CERTAIN = ("utf-8-sig", "utf-16")  # no file has these by chance
GUESSED = ("cp1252", "gb18030", "shift_jis", "big5", "cp850")  # the first of equals is taken
_WINDOWS = {"shift_jis": "cp932", "big5": "cp950"}  # with the characters that Windows adds: 髙, ㈱, €
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE = 8_000  # bytes of lines that are not ASCII
_CELLS = re.compile(r"[^;\t|,\n\"]+")
_WESTERN = frozenset("äöüßÄÖÜéèêëàâçîïôûùœæñáíóúÉÈÀÇÊÔÎÂåøØÅãõìòÁÓÍÚÑ€£§°–’“”„«»´")
_USUAL = frozenset(  # usual characters, names and words of payments, in simplified form
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所"
    "民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日"
    "公司有限责任银行支付款收入账户名称金额币借贷日期摘要附言用途备注余额交易流水号科技技术股份集团贸易实业投资发展建设工程能源"
    "环保材料制造设备电子信息网络软件通信汽车机械化工医药食品纺织服装物流运输房地产保险证券基金学院大学研究所中心医院学校局厅"
    "省市区县镇村街道路北京上海广州深圳天津重庆成都武汉南京杭州苏州西安洛阳郑州长沙青岛大连厦门宁波无锡福建浙江江苏山东河南河北"
    "湖北湖南四川云贵陕甘宁夏新疆内蒙古黑龙江吉林辽宁海广东西台湾香港澳门高雄桃园农工商业招交通民生平安光华信兴浦邮储蓄"
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余杜叶程苏魏吕丁任卢姚沈钟姜崔谭陆范石廖贾"
    "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超秀霞刚桂英文志华建国军平春红兰梅玉珍月东波辉力明永健世义良友保费奖挑战项目货转汇结算"
    "東京株式会社銀行振込入金店口座取引番号残高普通預支店山田中村鈴木佐藤高橋伊渡辺小川斎井上木清松本野崎原島森池橋株有限"
)


def decoded(data: bytes, encoding: str = "") -> tuple[str, str]:
    """The text of a bank's file and its encoding: the one that was chosen, else the most plausible one.

    Raises ValueError where it is not text.
    """
    found = encoding or plausible(data)
    return _decode(data, found), found


def beginning(data: bytes, encoding: str) -> str:
    """The text of the first bytes of a file, whose last character may be incomplete."""
    return data.decode(_WINDOWS.get(encoding, encoding), "ignore").replace("\x00", "")


def plausible(data: bytes) -> str:
    """The encoding of a file. Raises ValueError where it is text in none."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    with suppress(UnicodeDecodeError):
        data.decode("utf-8")
        return "utf-8-sig"
    sample = _sample(data)
    scores = {}
    for encoding in GUESSED:
        with suppress(UnicodeDecodeError):
            _decode(data, encoding)
            scores[encoding] = _likeness(_decode(sample, encoding), encoding)
    if not scores:
        raise ValueError("no text")
    return max(scores, key=lambda one: scores[one])


def _decode(data: bytes, encoding: str) -> str:
    return data.decode(_WINDOWS.get(encoding, encoding)).replace("\x00", "")


def _sample(data: bytes) -> bytes:
    """The first lines that are not ASCII: no guessed encoding has a line end within a character."""
    lines, size = [], 0
    for line in re.findall(rb"[^\r\n]*[\x80-\xff][^\r\n]*", data):
        lines.append(line)
        size += len(line)
        if size > _SAMPLE:
            break
    return b"\n".join(lines)


def _likeness(text: str, encoding: str) -> float:
    """The plausibility of a text: the mean over its characters that are not ASCII, from -1 to 1, and
    more for each heading of a bank in it.
    """
    total, count, known = 0.0, 0, 0
    for cell in _CELLS.findall(text):
        if cell.isascii():
            continue
        known += headings.field_of(cell) is not None if len(cell) < 40 else 0
        for place, sign in enumerate(cell):
            if not sign.isascii():
                count += 1
                total += _weight(sign, cell[max(place - 1, 0) : place], cell[place + 1 : place + 2], cell, encoding)
    return total / max(count, 1) + min(known, 5)


def _weight(sign: str, before: str, behind: str, cell: str, encoding: str) -> float:
    if encoding in ("cp1252", "cp850"):
        return _western(sign, before, behind)
    if "\uff61" <= sign <= "\uff9f":  # half-width: used for whole names, with no small Latin letter beside it
        beside = sum("\uff61" <= one <= "\uff9f" for one in cell)
        return -1 if beside < 2 or any("a" <= one <= "z" for one in cell) else 0.6
    if _small(before) or _small(behind):
        return -1
    if "\u3040" <= sign <= "\u30ff":
        return 1 if encoding == "shift_jis" else 0
    if not sign.isalpha() or "\uff01" <= sign <= "\uff5e":
        return 0.3 if "\u2000" <= sign <= "\u303f" or sign >= "\uff01" or sign in "㈱㈲№℃①②③④⑤·" else -0.5
    return _ideograph(sign, encoding)


@cache
def _ideograph(sign: str, encoding: str) -> float:
    """Of Chinese characters the most usual are most likely; then those of the first level of the encoding's table."""
    form = simplified(sign)
    own = form == sign if encoding == "gb18030" else True  # traditional characters are rare in China
    if form in _USUAL and own:
        return 1
    first, last, table = {
        "gb18030": (0xB0, 0xD7, "gb2312"),
        "big5": (0xA4, 0xC6, "big5"),
        "shift_jis": (0x88, 0x97, "shift_jis"),
    }[encoding]
    with suppress(UnicodeEncodeError):
        written = sign.encode(table)
        return 0.4 if len(written) == 2 and first <= written[0] <= last else -0.6
    return -1


def _western(sign: str, before: str, behind: str) -> float:
    """A letter with an accent is alone among plain ones; marks and rare letters do not occur within words, nor do
    capitals after small letters.
    """
    within = before.isalpha() and behind.isalpha() and sign not in "’´"
    if not sign.isalpha():
        return -1 if within or sign >= "\u2500" else 0.5 if sign in _WESTERN else -0.4
    if sign not in _WESTERN or (_small(before) and sign.isupper()):
        return -0.8
    beside = (before + behind).replace("ß", "").replace("ö", "").replace("ü", "").replace("ä", "")
    return 1 if beside.isascii() else 0.1


def _small(sign: str) -> bool:
    return "a" <= sign <= "z"
