"""Addresses as people paste them: from a mail program, a table, or a list with Chinese signs.

A line holds one address or several: `Li Wei <li@a.cn>`, `li@a.cn；wang@a.cn`, `李薇<TAB>li@a.cn<TAB>北京`. Cells of a
table beside an address are not read, but for the name before it. Whatever else is not an address is named with its
line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _

from crowd import email_address, text
from crowd.errors import Sentence

MAX_NAME, MAX_PART = 80, 400  # characters: of a name, and of it with its address
SHOWN = 40  # characters of what is wrong
MAX_NAMED = 10  # wrong lines in one answer
# Signs of Chinese typing that mean ours: separators, brackets, the at sign, the full stops of a domain.
SIGNS = str.maketrans("，；、：＜＞〈〉《》（）＠．｡“”「」", ',;,:<><><>()@..""""')
WRAPPED = re.compile(r"(?P<name>[^<>]*)[<(]\s*(?:mailto:)?(?P<address>[^<>()\s]+@[^<>()\s]+)\s*[>)]", re.IGNORECASE)
PARTS = re.compile(r'(?:"[^"]*"|[^;,"])+|"')  # between separators; not those inside quotation marks
HEADINGS = frozenset(
    (
        "email",
        "e-mail",
        "mail",
        "address",
        "email address",
        "name",
        "邮箱",
        "电子邮箱",
        "邮件",
        "邮箱地址",
        "姓名",
        "名字",
    )
)  # of the columns of a table


@dataclass(frozen=True, slots=True)
class Addressee:
    """An address as it is stored, and the name that stood with it."""

    address: str
    name: str = ""


@dataclass(slots=True)
class ReadAddresses:
    """What a text holds: each address once, how many stood there again, and what was wrong."""

    found: list[Addressee] = field(default_factory=list)
    repeated: int = 0
    errors: list[Sentence] = field(default_factory=list)


def read(pasted: str) -> ReadAddresses:
    """The addresses of a pasted text, in its order."""
    result, known = ReadAddresses(), set[str]()
    for number, line in enumerate(pasted.splitlines(), 1):
        for part in _parts(line, first=number == 1):
            addressee = _addressee(part)
            if addressee is None:
                wrong = text.line(part, SHOWN)
                message = _("Line %(number)s: “%(text)s” is not an email address.", number=number, text=wrong)
                result.errors.append(message)
            elif addressee.address in known:
                result.repeated += 1
            else:
                known.add(addressee.address)
                result.found.append(addressee)
    if len(result.errors) > MAX_NAMED:
        more = len(result.errors) - MAX_NAMED
        result.errors[MAX_NAMED:] = [_("And %(number)s more that are not addresses.", number=more)]
    return result


def _parts(line: str, *, first: bool) -> Iterator[str]:
    """What should be an address each, with its name."""
    cells = [cell.strip() for cell in line.split("\t") if cell.strip()]
    if first and cells and all(cell.casefold() in HEADINGS for cell in cells):
        return
    if len(cells) > 1:
        yield from _of_row([cell.translate(SIGNS) for cell in cells])
        return
    for part in PARTS.findall(line.translate(SIGNS)):
        plain = part.strip()
        if all("@" in word for word in plain.split()):  # separated by spaces
            yield from plain.split()
        elif plain:
            yield plain


def _of_row(cells: list[str]) -> Iterator[str]:
    """The addresses of a table's row; the first cell without one is the name. The whole row, where it has none."""
    addresses = [cell for cell in cells if "@" in cell]
    if not addresses:
        yield " ".join(cells)
    name = next((cell for cell in cells if "@" not in cell), "")
    for cell in addresses:
        yield cell if "<" in cell or not name or len(addresses) > 1 else f"{name} <{cell}>"


def _addressee(part: str) -> Addressee | None:
    if len(part) > MAX_PART:
        return None
    wrapped = WRAPPED.fullmatch(part)
    name, typed = (wrapped["name"], wrapped["address"]) if wrapped else _split(part)
    local, at, domain = typed.removeprefix("mailto:").strip("<>\"'").rpartition("@")
    try:
        address = email_address.read(f"{local}{at}{domain.replace('。', '.')}")
    except ValueError:
        return None
    return Addressee(address, text.clean_line(name.strip().strip("\"'").strip(), MAX_NAME)[:MAX_NAME])


def _split(part: str) -> tuple[str, str]:
    """`Li Wei li@a.cn` without brackets: the address is the last word."""
    name, _space, last = part.rpartition(" ")
    return (name, last) if "@" in last and "@" not in name else ("", part)
