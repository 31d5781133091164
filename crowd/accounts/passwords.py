"""Passwords: how they are stored, and which are rejected: too short, too common, or made of the person's own data.

They are stored as argon2id, which has its own salt in each hash, without a key of the platform: a change of
CROWD_SECRET_KEY does not invalidate passwords.
"""

import re
from itertools import pairwise
from typing import Any

from flask_babel import lazy_gettext as _
from flask_security import PasswordUtil

from crowd.errors import Sentence
from crowd.text import is_too_long, normalise

MIN_LENGTH = 10
MAX_LENGTH = 256
# Common passwords of ten characters or more; shorter ones are rejected for their length.
COMMON = frozenset(
    """1234567890 0123456789 12345678910 123456789a a123456789 1234567891 0987654321 9876543210 1122334455 1111111111
    123456789q q123456789 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc qazwsxedcrfv qwertyuiop qwertyuiop123 qwerty12345
    qwerty123456 qwerty1234 asdfghjkl1 asdfghjkl123 zxcvbnm123 abcdefghij abcd123456 abc1234567 abcdefg123 aa12345678
    password12 password123 password1234 password12345 passw0rd123 p@ssw0rd123 p@ssword123 mypassword iloveyou12
    iloveyou123 iloveyou1314 welcome123 welcome1234 letmein123 letmein1234 administrator admin12345 admin123456
    changeme123 football123 baseball123 superman123 princess123 sunshine123 trustno1234 woaini1314 woaini1314520
    woaini123456 5201314520 1314520520 a1b2c3d4e5 1a2b3c4d5e qq123456789 wang123456 zhang123456 li123456789 default123
    computer123 internet123 starwars123 dragon12345 monkey12345 master12345 michael123 jordan12345 liverpool123
    samsung123 google12345 huawei12345 taobao12345 alibaba123 china12345 beijing2008 shanghai123 crowd12345 correcthorse
    correcthorsebatterystaple""".split()  # noqa: SIM905 - a list of words is read best as words
)


class PasswordRules(PasswordUtil):
    """The rules in Flask-Security's interface, with our texts."""

    def normalize(self, password: str) -> str:
        """The password as it is hashed."""
        return plain(password)

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[Sentence] | None, str]:
        """The messages (None where the password is good) and the password as it is hashed."""
        typed = self.normalize(password)
        person = kwargs.get("user")
        known = (kwargs.get("email"), kwargs.get("name")) if person is None else (person.email, person.name)
        problem = weakness(typed, *(str(word) for word in known if word))
        return ([problem] if problem else None), typed


def plain(password: str) -> str:
    """The password as it is hashed and compared; a password above every limit is cut so that it matches none."""
    return (password if is_too_long(password, MAX_LENGTH) else normalise(password, "NFKD"))[: MAX_LENGTH + 1]


def weakness(password: str, *known: str) -> Sentence:
    """The error of a password, in the present language, or None. `known` are words of the person's own data."""
    if len(password) < MIN_LENGTH:
        return _(
            "Use at least %(number)s characters. Three or four unrelated words are easy to remember.", number=MIN_LENGTH
        )
    if len(password) > MAX_LENGTH:
        return _("Use at most %(number)s characters.", number=MAX_LENGTH)
    plain = re.sub(r"\s", "", password.casefold())
    if plain in COMMON or len(set(plain)) < 4 or _runs(plain):
        return _("This password is among the first that an attacker tries. Three or four unrelated words are better.")
    if any(plain in (word, word.partition("@")[0]) for word in (re.sub(r"\s", "", word.casefold()) for word in known)):
        return _("Your password may not be your name or your address.")
    return None


def _runs(plain: str) -> bool:
    """Whether the characters follow one another as in the alphabet or in a row of digits, up or down."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return steps in ({1}, {-1})
