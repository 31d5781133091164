"""Registration numbers of organisations: how they are written, and the check digit of the Chinese one."""

import re

from crowd.text import RAW, normalise

# GB 32100-2015: the unified social credit code, 18 characters without I, O, S, V and Z: the department that registers,
# the kind of organisation, six digits of the region (GB/T 2260, which begins with no 0), nine characters of the body,
# and a check character over all others, modulo 31 with the weights 3^i.
CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_CODE = re.compile(rf"[1-9ANY][1-9][1-9][0-9]{{5}}[{CHARACTERS}]{{10}}")
MAX_LENGTH = 40
OTHER = re.compile(r"[0-9A-Z][0-9A-Z ./-]*")


def read(text: str, country: str) -> str:
    """A registration number as it is stored: half width, capital letters, in China without spaces and hyphens.

    `country` is an ISO 3166 code; only China's numbers have a form that is checked. Raises ValueError for a text that
    is no such number.
    """
    plain = " ".join(normalise(text[: RAW * MAX_LENGTH], "NFKC").upper().split())
    if country == "CN":
        plain = re.sub(r"[ -]", "", plain)
        if not is_credit_code(plain):
            raise ValueError(text)
    elif len(plain) > MAX_LENGTH or not OTHER.fullmatch(plain):
        raise ValueError(text)
    return plain


def is_credit_code(code: str) -> bool:
    """Whether this is a unified social credit code (统一社会信用代码) with the right check character."""
    return bool(CREDIT_CODE.fullmatch(code)) and code[-1] == check_character(code[:-1])


def check_character(first: str) -> str:
    """The check character behind the first 17 characters of a unified social credit code (GB 32100-2015)."""
    total = sum(CHARACTERS.index(character) * pow(3, place, 31) for place, character in enumerate(first))
    return CHARACTERS[-total % 31]
