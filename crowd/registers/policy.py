"""Who may do what to entries. What a register publishes is everybody's; the rest is its holder's and its keepers'."""

from crowd.audit import SYSTEM, Actor
from crowd.feature import declared
from crowd.register_kinds import RegisterKind
from crowd.registers.models import RegisterEntry
from crowd.registers.questions import HOLDERS
from crowd.registers.workflow import TRANSITIONS, EntryState
from crowd.roles import PlatformRole
from crowd.workflow import operations_from

OVERSEERS = (PlatformRole.ADMINISTRATOR, PlatformRole.AUDITOR)  # who read all of an entry, besides its keepers


def kind_of(entry: RegisterEntry) -> RegisterKind:
    """The register of an entry."""
    return declared().registers[entry.register]


def holds(actor: Actor | None, entry: RegisterEntry) -> bool:
    """Whether the entry is the person's, or that of an organisation to which they belong."""
    if actor is None or actor is SYSTEM:
        return False
    return actor.id == entry.user_id if entry.organisation_id is None else actor.acts_for(entry.organisation_id)


def can_keep(actor: Actor | None, entry: RegisterEntry) -> bool:
    """Suspend, resume, renew and revoke it: the keepers of its register, but nobody with a conflict of interest."""
    return actor is SYSTEM or (keeps(actor, kind_of(entry)) and not is_close(actor, entry.holder_kind, entry.holder_id))


def is_close(actor: Actor | None, kind: str, holder_id: int) -> bool:
    """Whether it is about the person themselves, or about somebody with whom they have a conflict of interest."""
    return actor is not None and actor.id is not None and HOLDERS().close(actor.id, kind, holder_id)


def keeps(actor: Actor | None, kind: RegisterKind) -> bool:
    """Whether the person keeps a register."""
    return actor is not None and actor.is_any(*kind.keepers)


def can_enter(actor: Actor | None, kind: RegisterKind) -> bool:
    """Enter somebody into a register that is kept by hand: its keepers."""
    return kind.by_hand and keeps(actor, kind)


def can_inspect(actor: Actor | None, entry: RegisterEntry) -> bool:
    """Begin an inspection of an entry: the service centre, but nobody with a conflict of interest."""
    return (
        actor is not None
        and actor.is_any(PlatformRole.SERVICE_CENTRE)
        and not is_close(actor, entry.holder_kind, entry.holder_id)
    )


def can_view_whole(actor: Actor | None, entry: RegisterEntry) -> bool:
    """See what is not public, and the reasons in its history: the holder, the keepers, and who oversees them."""
    if actor is SYSTEM or holds(actor, entry):
        return True
    return actor is not None and actor.is_any(*kind_of(entry).keepers, *OVERSEERS)


def can_download(actor: Actor | None, entry: RegisterEntry, state: EntryState) -> bool:
    """Download its certificate while it is valid: everybody where the register says so, else those who see the whole
    entry.
    """
    return state == EntryState.VALID and (kind_of(entry).open_certificate or can_view_whole(actor, entry))


def open_operations(actor: Actor | None, entry: RegisterEntry, state: EntryState) -> list[str]:
    """What the person may do with an entry in this state, in the workflow's order; jobs alone expire one."""
    if not can_keep(actor, entry):
        return []
    return [name for name in operations_from(TRANSITIONS, state) if name != "expire"]
