"""What a register is, as data (`crowd.registers`): who is entered, with which data, for how long, and who keeps it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from crowd.audit import Actor
from crowd.errors import Sentence


@dataclass(frozen=True, slots=True)
class RegisterField:
    """A field of a register's entries: its name, whether everybody reads it, how its value is shown, and how the form
    of a register that is kept by hand asks for it: as one of `choices`, or as a line. What is `certified` stands on the
    certificate though it is not public, where the register does not let everybody download that.
    """

    label: Sentence
    public: bool = True
    show: Callable[..., str] = str
    description: Sentence = ""
    choices: Mapping[str, Sentence] = field(default_factory=dict)
    certified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterKind:
    """A register: who is entered, with which data, for how long, and who keeps it (`crowd.registers`).

    `schema` is a JSON schema of an entry's data, which has no name of a person: that, and what `read` finds for holders
    (by id, the public fields that they show now), stay in the account. `prefix` begins the numbers, `term` is
    the limit with the days for which an entry is valid (none: without end), `keepers` are the platform roles that keep
    it. `changed(actor, holder_id, valid)` carries out that an entry became valid or no longer is. Into a register
    `by_hand` its keepers enter somebody on its page; others follow what their package decides. `case_kind` is the kind
    of case by which its holders ask for an entry, and renew it. A holder has one entry that has not ended, or in a
    register that takes `several` as many as are granted. `about` is the endpoint of a page with more about the
    register.
    """

    label: Sentence
    text: Sentence
    prefix: str
    holder: str  # "user", "organisation", or "either"
    schema: Mapping[str, object]
    fields: Mapping[str, RegisterField]
    keepers: tuple[str, ...]
    term: str = ""
    read: Callable[[Iterable[int]], Mapping[int, Mapping[str, object]]] | None = None
    changed: Callable[[Actor, int, bool], None] | None = None
    open_certificate: bool = False
    by_hand: bool = False
    several: bool = False
    about: str = ""
    case_kind: str = ""
