"""What challenges ask of the packages above."""

from crowd.feature import Question

PANEL_PAGE: Question[str] = Question("the panel of a challenge (challenge_id)")
