"""URLs that pages had before: each answers with a permanent redirect to the page as it is called now.

The table is read only where no page was found, so it hides no URL that is in use. A redirect depends on the path
alone: whether there is such a row, and who may see it, is decided at the new URL.
"""

from functools import cache

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, MapAdapter, Rule

from crowd.web import converters

MOVED = {  # old pattern, with the variables of the new one -> endpoint
    "/desk": "site.dashboard",
    "/join/<token>": "accounts.invitation",
    "/challenges/<int:challenge_id>/cost": "drafting.check",
    "/challenges/<int:challenge_id>/stand": "challenges.status",
    "/challenges/<int:challenge_id>/recall": "challenges.withdraw_from_screening",
    "/challenges/<int:challenge_id>/postings": "funding.transfers",
    "/challenges/<int:challenge_id>/funding/request": "funding.invoice",
    "/challenges/<int:challenge_id>/funding/slips": "funding.upload_payment_proof",
    "/funding/slips/<int:payment_proof_id>": "funding.payment_proof",
    "/screening/<int:challenge_id>/send-back": "challenges.return_for_changes",
    "/proposals/<int:id>/finalise": "submissions.submit",
    "/reviews/ties": "scoring.declared_conflicts",
    "/reviews/ties/<int:conflict_id>/withdraw": "scoring.withdraw_conflict",
    "/awards/<int:award_id>/take-back": "scoring.deselect_award",
    "/finance/answers": "ledger.upload_bank_responses",
    "/finance/answers/<int:response_id>": "ledger.resolve_bank_response",
    "/finance/answers/<int:response_id>/<outcome>": "ledger.request_resolution",
    "/finance/check": "ledger.check",
    "/finance/deposits/<int:deposit_id>/attribute": "ledger.allocate_deposit",
    "/finance/deposits/<int:deposit_id>/seen": "ledger.reconcile_deposit",
    "/finance/money": "ledger.platform",
    "/finance/money/<kind>/<currency>": "ledger.accounts",
    "/finance/pots/<int:account_id>": "ledger.account",
    "/finance/statements": "ledger.bank_statement",
    "/fees/new": "ledger.fees",
    "/money": "ledger.mine",
    "/money/accounts/<owner>/<int:owner_id>": "ledger.payout_account",
    "/money/payouts/<int:payout_id>": "ledger.payout",
    "/money/payouts/<int:payout_id>/cancel": "ledger.cancel_payout",
    "/money/pots/<int:account_id>.csv": "ledger.export",
    "/money/pots/<int:account_id>/withdraw": "ledger.withdraw",
    "/money/transfers/<int:transfer_id>": "ledger.transfer",
    "/money/transfers/<int:transfer_id>/reverse": "ledger.reverse",
    "/organisations/<int:organisation_id>/money": "ledger.organisation",
    "/organisations/<int:organisation_id>/money/challenges": "ledger.escrows",
}


def register(app: Flask) -> None:
    """Redirect the old URLs of this application, before anything else reads the request."""
    old = _old_urls()

    def follow() -> ResponseReturnValue | None:
        """301 for reading; 308 for all else, which keeps the method and the form."""
        if not isinstance(request.routing_exception, NotFound):
            return None
        path = _new_path(old, app.url_map.bind("", script_name=request.script_root), request.path)
        if path is None:
            return None
        query = request.query_string.decode("ascii")
        return redirect(f"{path}?{query}" if query else path, 301 if request.method in ("GET", "HEAD") else 308)

    app.before_request(follow)


@cache
def _old_urls() -> MapAdapter:
    urls = Map()
    converters.register(urls)
    for pattern, endpoint in MOVED.items():
        urls.add(Rule(pattern, endpoint=endpoint))
    return urls.bind("")


def _new_path(old: MapAdapter, present: MapAdapter, path: str) -> str | None:
    """The present path of what was at an old one; None where nothing was, or a word in it is no longer known."""
    try:
        return present.build(*old.match(path))
    except (HTTPException, ValueError):
        return None
