"""Who may read a challenge that has opened: a clause of its contract."""

from enum import StrEnum


class Visibility(StrEnum):
    """`public`: everybody. `invited`: those who are invited or take part, and who act on it (`challenges.policy`)."""

    PUBLIC = "public"
    INVITED = "invited"
