"""Shape and type of what reviewers and sponsors send."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired

from challenges.criteria import kind_of
from challenges.rubric import Criterion
from crowd.web.fields import WholeField, area, line, required
from crowd.web.forms import Form


class ReviewForm(Form):
    """The rubric as fields: `points_<id>` and `comment_<id>` for each criterion. Made by `review_form`."""

    comment = area(
        _l("Your overall assessment"),
        "max_comment_length",
        optional=True,
        rows=7,
        description=_l("The authors read this after the decision, without your name."),
    )

    saved_at: datetime | None = None

    def points(self) -> dict[int, Decimal | None]:
        """Points by criterion id; None where there are none yet."""
        return {int(name.removeprefix("points_")): field.data for name, field in self._of("points_")}

    def comments(self) -> dict[int, str]:
        """Remarks by criterion id."""
        return {int(name.removeprefix("comment_")): field.data or "" for name, field in self._of("comment_")}

    def _of(self, prefix: str) -> list[tuple[str, Any]]:
        return [(name, field) for name, field in self._fields.items() if name.startswith(prefix)]

    def content(self) -> dict[str, Any]:
        """The keyword arguments of `reviews.services.save` and `submit`."""
        return {"points": self.points(), "comments": self.comments(), "comment": self.comment.data or ""}


def review_form(criteria: Sequence[Criterion], review: Any = None, **options: Any) -> ReviewForm:
    """A form for these criteria, filled with what was saved."""
    fields: dict[str, Any] = {}
    for criterion in criteria:
        fields[f"points_{criterion.id}"] = kind_of(criterion).field(criterion)
        fields[f"comment_{criterion.id}"] = area(_l("Remark"), "max_comment_length", optional=True, rows=2)
    saved: dict[str, Any] = {"comment": review.comment if review else ""}
    for score in review.scores if review else ():
        saved[f"points_{score.criterion_id}"] = score.points
        saved[f"comment_{score.criterion_id}"] = score.comment
    form: ReviewForm = type("RubricForm", (ReviewForm,), fields)(data=saved, **options)
    form.saved_at = review.saved_at if review else None
    return form


class DeclineForm(Form):
    """Decline a review."""

    reason = area(_l("Why you decline"), "max_reason_length", rows=3)
    conflicted = BooleanField(
        _l("I have a conflict of interest with the people behind this proposal: do not assign me their proposals")
    )


class ConflictForm(Form):
    """Declare a conflict of interest with one party."""

    party = line(
        _l("With whom"),
        "160",
        description=_l("The exact name or the number of an organisation, or a person's email address."),
    )
    note = area(_l("How you are connected"), "max_reason_length", optional=True, rows=3)


class AwardForm(Form):
    """Give one position of a prize to a proposal."""

    prize_id = RadioField(_l("Prize"), [InputRequired(_l("Choose a prize."))], coerce=int)
    proposal_id = RadioField(_l("Proposal"), [InputRequired(_l("Choose a proposal."))], coerce=int)
    reason = area(_l("Reason, published with the result"), "max_reason_length", rows=4)


class FirstForm(Form):
    """Give several positions of a prize to the first proposals of the ranking."""

    prize_id = RadioField(_l("Prize"), [InputRequired(_l("Choose a prize."))], coerce=int)
    number = WholeField(_l("To the first"), [required()], least=1, most=100)
    reason = area(_l("Reason for each of them, published with the result"), "max_reason_length", rows=3)


class DecisionForm(Form):
    """Publish the decision; the service requires the reason where nothing is awarded."""

    reason = area(_l("Your statement on the decision as a whole"), "max_reason_length", optional=True, rows=4)


class HoldForm(Form):
    """Hold a payment."""

    reason = area(_l("Why it is held; everybody can read this"), "max_reason_length", rows=3)


class ReleaseForm(Form):
    """Release a hold."""

    reason = area(_l("Why it is released; everybody can read this"), "max_reason_length", rows=3)


class ClearForm(Form):
    """Release a held award."""

    reason = area(_l("Why it may be paid"), "max_reason_length", rows=3)
