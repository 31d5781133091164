"""A file with terms as it is sent: its encoding and its size."""

from flask_babel import lazy_gettext as _

from crowd.taxonomy.exchange import LineError, Sheet, read

MAX_LINES = 1_000  # of a file on a page; the command takes any number


def decoded(raw: bytes) -> str:
    """The text of a file in UTF-8, or in GB 18030, as spreadsheets in China save it."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def read_checked(text: str, scheme: str) -> Sheet:
    """`exchange.read`, for a file that is not too long for a page."""
    if text.count("\n") > MAX_LINES:
        words = _("A file has at most %(number)s lines here. The command `crowd taxonomy import` takes more.",
                  number=MAX_LINES)  # fmt: skip
        return Sheet(faults=[LineError(1, words)])
    return read(text, scheme)
