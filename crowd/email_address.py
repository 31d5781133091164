"""Email addresses: one rule for what is valid, how it is stored, and how it is sent.

Stored: the domain as people read it (`li@例子.中国`), all in lower case, so that one mailbox is one account whichever
way it is typed. Sent: the domain in punycode (RFC 5891), because not every mail server accepts another form. A part
before the @ with other characters than ASCII is rejected: mail to it needs SMTPUTF8, which many servers do not support.
"""

from email_validator import EmailNotValidError, validate_email

from crowd import text


def read(typed: str) -> str:
    """The address as it is stored. Raises ValueError where we cannot send to it."""
    plain = text.normalise(text.line(typed, text.MAX_EMAIL_LENGTH + 1), "NFKC").lower()
    try:
        return validate_email(plain, check_deliverability=False, allow_smtputf8=False).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError("not an address") from error


def normal(typed: str) -> str:
    """The address as it would be stored; an invalid one comes back in lower case and belongs to no account."""
    try:
        return read(typed)
    except ValueError:
        return text.line(typed, text.MAX_EMAIL_LENGTH).lower()


def on_its_way(kept: str) -> str:
    """The address as mail servers accept it. Raises ValueError where we cannot send to it."""
    try:
        found = validate_email(kept, check_deliverability=False, allow_smtputf8=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError("not an address") from error
    return str(found.ascii_email)
