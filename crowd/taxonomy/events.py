"""What happens to terms, for the packages that store what people wrote or index it."""

from dataclasses import dataclass

from crowd.events import Event


@dataclass(frozen=True)
class TermsChanged(Event):
    """Terms of a scheme have other names, links or states. `keys` are their codes, and keys of joined free terms."""

    scheme: str
    keys: list[str]
