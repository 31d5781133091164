"""The stable name of the kind of case in which the expert committee gives an opinion on a need."""

OPINION = "need_opinion"
