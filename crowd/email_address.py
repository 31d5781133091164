"""Email addresses: one rule for what is one, how it is kept, and how it goes out.

Kept: the domain as people read it (`li@例子.中国`), all in small letters, so that one mailbox is one account whichever
way it is typed. On its way: the domain in punycode (RFC 5891), because not every mail server takes another. A part
before the @ in other letters than ASCII is refused: mail to it needs SMTPUTF8, which many servers do not speak.
"""

from email_validator import EmailNotValidError, validate_email

from crowd import text


def read(typed: str) -> str:
    """The address as it is kept. Raises ValueError where it is none that we can write to."""
    plain = text.normalise(text.line(typed, text.MAX_EMAIL_LENGTH + 1), "NFKC").lower()
    try:
        return validate_email(plain, check_deliverability=False, allow_smtputf8=False).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError("not an address") from error


def normal(typed: str) -> str:
    """The address as it would be kept; what is none comes back in small letters, and is nobody's."""
    try:
        return read(typed)
    except ValueError:
        return text.line(typed, text.MAX_EMAIL_LENGTH).lower()


def on_its_way(kept: str) -> str:
    """The address as mail servers take it. Raises ValueError where it is none that we can write to."""
    try:
        found = validate_email(kept, check_deliverability=False, allow_smtputf8=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError("not an address") from error
    return str(found.ascii_email)
