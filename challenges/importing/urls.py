"""URLs as people typed them into links: returns absolute http(s) and mailto URLs, or nothing."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from challenges.importing.errors import ImportErrorReason

SITE = "https://www.challenge.gov/"
MAX_LENGTH = 2000  # characters
SAFE = "%/:?#@!$&'()*+,;=~"  # unchanged in a URL; the rest is percent-encoded

_EMBEDDED = re.compile(r"https?://\S+", re.I)
_MAIL = re.compile(r"[\w.+-]{1,100}@[\w-]{1,100}(?:\.[\w-]{1,100}){1,8}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
# The base URL in Challenge.gov's pages: the only placeholder whose meaning is known.
_SITE = re.compile(r"(?:\{\{|%7b%7b)(?:\s|%20)*site\.(?:base)?url(?:\s|%20)*(?:\}\}|%7d%7d)/*", re.I)
_PLACEHOLDER = re.compile(r"\{\{|\{%|%7b%7b|%7b%25", re.I)


@dataclass(frozen=True, slots=True)
class Address:
    """`url` absolute or ""; `reason` says what was repaired or why there is none (None: no remark)."""

    url: str
    reason: ImportErrorReason | None = None


def understand_address(typed: str, base: str = SITE) -> Address:
    """The absolute URL that `typed` means on a page at `base`. Never raises.

    `{{ site.baseurl }}` is the base URL on Challenge.gov's own pages. Any other placeholder is never
    filled in: the URL stays unknown. An anchor within the page ("#top") is not a URL.
    """
    text = "".join(char for char in typed if char.isprintable()).strip()
    if not text or text.startswith("#"):
        return Address("")
    site = _SITE.match(text)
    if site and base.startswith(SITE):
        text = "/" + text[site.end() :]
    if _PLACEHOLDER.search(text):
        return Address("", ImportErrorReason.PLACEHOLDER)
    if len(text) > MAX_LENGTH:
        return Address("", ImportErrorReason.ADDRESS_NOT_UNDERSTOOD)
    if re.match(r"e?mailto:", text, re.I):
        return _mail(text, repaired=text[0] in "eE")
    if _MAIL.fullmatch(text):
        return _mail("mailto:" + text, repaired=True)
    found = _web(text, base)
    return Address(found.url, found.reason or ImportErrorReason.ADDRESS_REPAIRED) if site and found.url else found


def _mail(text: str, *, repaired: bool) -> Address:
    mail = _MAIL.match(text.split(":", 1)[1].strip())
    if not mail:
        return Address("", ImportErrorReason.ADDRESS_NOT_UNDERSTOOD)
    return Address("mailto:" + mail[0], ImportErrorReason.ADDRESS_REPAIRED if repaired else None)


def _web(text: str, base: str) -> Address:
    embedded = _EMBEDDED.search(text)
    repaired = None
    if embedded and embedded.start() > 0 and not re.match(r"https?:|/|[\w.-]+\.\w", text, re.I):
        text, repaired = embedded[0], ImportErrorReason.ADDRESS_REPAIRED
    elif text.lower().startswith("www."):
        text, repaired = "https://" + text, ImportErrorReason.ADDRESS_REPAIRED
    elif _SCHEME.match(text) and not re.match(r"https?:", text, re.I):
        return Address("", ImportErrorReason.ADDRESS_NOT_UNDERSTOOD)
    try:
        parts = urlsplit(urljoin(base, text))
        good = parts.scheme in ("http", "https") and re.fullmatch(r"[\w.-]+", parts.hostname or "") and parts.port != 0
    except ValueError:
        good = None
    if not good:
        return Address("", ImportErrorReason.ADDRESS_NOT_UNDERSTOOD)
    path, query, fragment = (quote(part, safe=SAFE) for part in (parts.path, parts.query, parts.fragment))
    return Address(parts._replace(path=path, query=query, fragment=fragment).geturl(), repaired)
