"""Bank account numbers: IBANs and card numbers have check digits, which detect typing errors.

IBAN: ISO 13616, check digits modulo 97 (ISO 7064), lengths as in SWIFT's registry. Cards of China UnionPay: 16 to 19
digits that begin with 62, the last of which is Luhn's (ISO/IEC 7812). Any other number is accepted unchanged.

BIC (ISO 9362): four letters of the bank, the country, two characters of the location, and three of a branch where there
is one.
"""

import re
from enum import StrEnum

from babel import Locale
from flask_babel import lazy_gettext as _

from crowd import numbers
from crowd.errors import Sentence
from crowd.text import RAW

MAX_LENGTH = 34  # characters, of an IBAN as of any other account number
LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        r"([A-Z]{2})(\d\d)",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 "
        "ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 "
        "LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 "
        "PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 "
        "YE30",
    )
}
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{8,}", re.ASCII)
_BIC = re.compile(r"[A-Z]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
# Countries whose banks have IBANs of another one (SWIFT's registry).
HOME = {
    **dict.fromkeys(["BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"], "FR"),
    **dict.fromkeys(["GG", "IM", "JE"], "GB"),
    "AX": "FI",
}
_CARD = re.compile(r"62\d{14,17}", re.ASCII)
NOWHERE = ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ")  # codes that name no country
COUNTRIES = {str(code) for code in Locale("en").territories if str(code).isalpha()}.difference(NOWHERE)
_OTHER = re.compile(r"(?=.*[1-9A-Z])[A-Z0-9]{7,34}", re.ASCII)  # a Japanese account has seven digits


class Fault(StrEnum):
    """Errors of a number."""

    SHAPE = "shape"
    LENGTH = "length"
    IBAN = "iban"
    CARD = "card"
    BIC = "bic"
    BIC_COUNTRY = "bic_country"
    BIC_ELSEWHERE = "bic_elsewhere"


BIC_WORDS = {
    Fault.BIC: _("A BIC has 8 or 11 characters: four letters, the country, and two or five letters or digits."),
    Fault.BIC_COUNTRY: _("The fifth and sixth letter of this BIC name no country."),
    Fault.BIC_ELSEWHERE: _("This BIC is of a bank in another country than the IBAN."),
}


class WrongNumber(ValueError):
    """A number that cannot exist; `number` is its parsed part."""

    def __init__(self, fault: Fault, number: str) -> None:
        super().__init__(str(fault))
        self.fault, self.number = fault, number


def refusal(error: WrongNumber) -> Sentence:
    """The error of a number, in the reader's language."""
    if error.fault == Fault.LENGTH:
        country, number = error.number[:2], len(error.number)
        return _(
            "An IBAN of %(country)s has %(length)s characters; this has %(number)s.",
            country=country,
            length=LENGTHS[country],
            number=number,
        )
    if error.fault == Fault.IBAN:
        return _("A character of this IBAN is wrong: its check digits do not fit.")
    if error.fault == Fault.CARD:
        return _("A digit of this card number is wrong: its check digit does not fit.")
    if error.fault in BIC_WORDS:
        return str(BIC_WORDS[error.fault])
    return _("An account number has 7 to 34 digits or capital letters, not only zeros.")


def read(text: str) -> str:
    """An account number as it is stored: half width, capitals, neither spaces nor hyphens. Raises WrongNumber."""
    plain = _plain(text).removeprefix("IBAN").lstrip(":")
    if not _OTHER.fullmatch(plain):
        raise WrongNumber(Fault.SHAPE, plain)
    if is_iban(plain):
        if len(plain) != LENGTHS[plain[:2]]:
            raise WrongNumber(Fault.LENGTH, plain)
        if remainder(plain) != 1:
            raise WrongNumber(Fault.IBAN, plain)
    if _CARD.fullmatch(plain) and not luhn(plain):
        raise WrongNumber(Fault.CARD, plain)
    return plain


def read_bic(text: str, number: str) -> str:
    """A BIC as it is stored, of the bank that has the account `number` (as `read` gives it). Raises WrongNumber."""
    plain = _plain(text)
    match = _BIC.fullmatch(plain)
    if match is None:
        raise WrongNumber(Fault.BIC, plain)
    country = match[1]
    if country not in COUNTRIES:
        raise WrongNumber(Fault.BIC_COUNTRY, plain)
    if is_iban(number) and number[:2] not in (country, HOME.get(country)):
        raise WrongNumber(Fault.BIC_ELSEWHERE, plain)
    return plain


def is_iban(number: str) -> bool:
    """Whether a number has the form of an IBAN of a country that has them."""
    return _IBAN.fullmatch(number) is not None and number[:2] in LENGTHS


def _plain(text: str) -> str:
    return re.sub(r"[ -]", "", numbers.narrow(text[: RAW * MAX_LENGTH])).upper()


def remainder(iban: str) -> int:
    """Of an IBAN by 97, the first four characters put behind, letters as 10 to 35; 1 where it is valid."""
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(sum(divmod(one, 10)) for one in doubled)) % 10 == 0
