"""Names of files: how one is stored, and the header that names a download."""

import re
from urllib.parse import quote

from werkzeug.http import dump_options_header

from crowd import text


def clean_name(filename: str) -> str:
    """The last part of a name, without control characters, at most 120 characters, never empty."""
    name = text.normalise(text.cut_middle(filename.replace("\\", "/").rpartition("/")[2], 120))
    name = re.sub(r"[\"<>|:*?]", "", text.clean_line(name)).strip(". ")
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:100]}{dot}{ending[:10]}" if dot else (name[:110] or "file")


def as_attachment(name: str) -> str:
    """The header that makes a browser save a response as `name`: any characters, with a plain name for old clients.

    RFC 6266, section 4.3: `filename*` (RFC 8187) is the name; `filename` is for clients that do not know it.
    """
    ascii_name = text.normalise(name, "NFKD").encode("ascii", "ignore").decode().replace("%", "")
    stem, dot, ending = ascii_name.rpartition(".")
    stem = stem.strip(" ._-") if dot else ascii_name
    options = {"filename": f"{stem or 'file'}{dot}{ending}"}
    if options["filename"] != name:
        options["filename*"] = f"UTF-8''{quote(name, safe='')}"
    return dump_options_header("attachment", options)
