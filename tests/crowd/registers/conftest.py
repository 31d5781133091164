"""A register of a test's own: two fields, of which one is not public; kept by hand, with a term."""

from collections.abc import Iterator

import pytest
from flask import Flask

from crowd.feature import Feature, declare
from crowd.features import FEATURES
from crowd.register_kinds import RegisterField, RegisterKind
from crowd.roles import PlatformRole

CANARY = "kept-from-everybody-7d31"
CHANGES: list[tuple[int, bool]] = []


def note(_actor: object, holder_id: int, valid: bool) -> None:
    """What the package of the register carries out."""
    CHANGES.append((holder_id, valid))


BEES = RegisterKind(
    label="Beekeepers",
    text="Who may keep bees.",
    prefix="BE",
    holder="user",
    schema={
        "type": "object",
        "properties": {"hives": {"type": "integer", "minimum": 1}, "note": {"type": "string"}},
        "required": ["hives"],
        "additionalProperties": False,
    },
    fields={"hives": RegisterField("Hives"), "note": RegisterField("Note", public=False)},
    keepers=(PlatformRole.SERVICE_CENTRE,),
    term="expert_days",
    changed=note,
)


@pytest.fixture
def bees(isolated: Flask) -> Iterator[Flask]:
    """The application with one package more, which declares this register and nothing else."""
    CHANGES.clear()
    declare((*FEATURES, Feature(name="bees", registers={"bees": BEES})))
    yield isolated
    declare(FEATURES)
