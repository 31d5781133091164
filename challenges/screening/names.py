"""The stable name of the kind of case by which an opinion on a need is asked for."""

OPINION = "need_opinion"
