"""Sums in the capital figures that Chinese cheques and contracts carry (大写): 壹万贰仟叁佰元伍角整.

After 正确填写票据和结算凭证的基本规定 (the People's Bank of China, 1997): one 零 for any row of zeros between figures,
and 整 where no 分 follow.
"""

import re

FIGURES = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
_SAME = str.maketrans(
    "〇一二三四五六七八九十百千萬億圓圆正貳參陸贰两", "零壹贰叁肆伍陆柒捌玖拾佰仟万亿元元整贰叁陆贰贰"
)
_WORDS = re.compile(
    r"(?:(?P<yuan>[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]+)元)?(?:零?(?P<jiao>[零壹贰叁肆伍陆柒捌玖])角)?"
    r"(?:零?(?P<fen>[壹贰叁肆伍陆柒捌玖])分)?整?"
)


def write(amount: int) -> str:
    """`amount` in 分, in words. It is not negative and below 10^16."""
    yuan, cents = divmod(amount, 100)
    jiao, fen = divmod(cents, 10)
    words = f"{_whole(yuan)}元" if yuan else ""
    if cents == 0:
        return (words or "零元") + "整"
    if jiao:
        words += f"{FIGURES[jiao]}角"
    elif words:
        words += "零"
    return words + (f"{FIGURES[fen]}分" if fen else "整")


def read(text: str) -> int | None:
    """The 分 that a sum in words comes to, in plain figures too (三万五千元); None where it is none.

    三万五元, which leaves out a 零, is none: it may be said for 35,000.
    """
    typed = text.translate(_SAME).removeprefix("人民币")
    match = _WORDS.fullmatch(typed)
    if match is None or not any(match.groupdict().values()):
        return None
    jiao, fen = (FIGURES.find(match[name] or "零") for name in ("jiao", "fen"))
    yuan, words = _number(match["yuan"] or ""), match["yuan"]
    if words and (yuan >= 10**14 or _whole(yuan) != ("壹" + words if words.startswith("拾") else words)):
        return None
    return yuan * 100 + jiao * 10 + fen


def _number(words: str) -> int:
    """The yuan of well-formed words; what comes of others differs from them when it is written again."""
    total = section = figure = 0
    for word in words:
        if word in "拾佰仟":
            section, figure = section + (figure or 1) * 10 ** PLACES.index(word), 0
        elif word == "万":
            section, figure = (section + figure) * 10**4, 0
            total, section = total + section, 0
        elif word == "亿":
            total, section, figure = (total + section + figure) * 10**8, 0, 0
        else:
            figure = FIGURES.index(word)
    return total + section + figure


def _whole(value: int) -> str:
    """Whole yuan in words, of fewer than 15 figures."""
    words, gap, digits = "" if value else "零", False, str(value)
    for index, figure in enumerate(digits):
        place = len(digits) - 1 - index
        if figure != "0":
            words += ("零" if gap else "") + FIGURES[int(figure)] + PLACES[place % 4]
        gap = figure == "0"
        if place and place % 4 == 0 and (place == 8 or int(digits[max(0, index - 3) : index + 1])):
            words += "亿" if place == 8 else "万"
    return words
