"""Forms of a challenge's funding."""

from flask_babel import lazy_gettext as _l

from challenges.funding.models import PROOF_KINDS
from crowd.web.forms import Form
from crowd.web.uploads import UploadField


class PaymentProofForm(Form):
    """The sponsor's proof of a transfer."""

    payment_proof = UploadField(_l("Payment proof"), kinds=PROOF_KINDS)
