"""Scheduled operations on challenges. Every job may run twice or late: an operation that is not due changes nothing."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from flask_babel import gettext as _

from challenges import followers, indexing, queries
from challenges.brief_templates import adoption
from challenges.contract import services as contracts
from challenges.discussion import services as discussion
from challenges.entry import services as entry
from challenges.invitations import services as invitations
from challenges.lifecycle import services
from challenges.models import Challenge
from challenges.on_behalf import services as on_behalf
from challenges.screening import opinions
from challenges.searches import services as searches
from challenges.support import services as support
from crowd import background, clock, files
from crowd.audit import SYSTEM, Actor
from crowd.config import limits
from crowd.db import db
from crowd.errors import Conflict, NotFound
from crowd.notifications.emails import in_locale
from crowd.taxonomy import vocabulary
from crowd.values import count, term

log = logging.getLogger(__name__)
AT_ONCE = 500  # rows per run; the next run takes the next
Operation = Callable[[Actor, int], Challenge]
OPERATIONS: dict[str, Operation] = {
    "open": services.open,
    "close": services.close,
    "expire_funding": services.expire_funding,
}


@background.job("challenges.fund", first=True)
def fund(challenge_id: int, arrived_at: str) -> dict[str, object]:
    """Fund a challenge for which money has arrived, where that is enough; else it stays in the sponsor's balance."""
    return _try(partial(services.fund, arrived_at=datetime.fromisoformat(arrived_at)), challenge_id)


@background.job("contracts.fund_change", first=True)
def fund_change(challenge_id: int, arrived_at: str) -> dict[str, object]:
    """Put a change of the contract in force for whose prizes money has arrived, where that is enough."""
    del arrived_at  # a change has no date by which to pay but the close
    try:
        return {"version": contracts.fund(SYSTEM, challenge_id).number}
    except (Conflict, NotFound) as refusal:
        return {"skipped": str(refusal.message)}


@background.job("screening.send_back")
def send_back(case_id: int, challenge_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Return a challenge to its sponsor after an opinion of the expert committee."""
    del answers  # the sponsor reads them on the page of the case
    return {"done": int(opinions.send_back(case_id, challenge_id))}


@background.job("templates.carry_out")
def carry_out_adoption(case_id: int, template_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Put a version of a rubric template in use, or drop it, as the expert committee has decided."""
    return {"done": int(adoption.carry_out(case_id, template_id, int(answers["criteria"])))}


@background.job("challenges.cancel_reported")
def cancel_reported(case_id: int, challenge_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Cancel a challenge about which a report was upheld, unless it is over by now."""
    del case_id, answers  # the parties read both on the page of the case
    with in_locale(db.session.get_one(Challenge, challenge_id).language):
        reason = _("The service centre has upheld a report about this challenge.")
    return _try(partial(services.cancel, reason=reason), challenge_id)


@background.job("challenges.hide_question")
def hide_question(case_id: int, question_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Hide a question about which a report was upheld."""
    del case_id, answers
    return {"state": term(discussion.hide(SYSTEM, question_id).state, "question")}


@background.job("invitations.send")
def send_invitations(challenge_id: int) -> dict[str, object]:
    """Send the next invitations of an open challenge."""
    sent, more = invitations.send_next(challenge_id)
    if more:
        background.enqueue("invitations.send", challenge_id, challenge_id=challenge_id)
    return {"emails": count(sent)}


@background.job("invitations.forget")
def forget_invitations() -> dict[str, object]:
    """Delete the addresses of invitations to challenges that have been over for a while."""
    return {"addresses": count(invitations.forget())}


@background.job("files.delete_unused", outside=True, lease=3600)
def delete_unused_files() -> Callable[[], dict[str, object]]:
    """Delete bytes that no row has, then attachments that nothing names, whose bytes go in the next run: one
    transaction for each file, and for the attachments of each challenge.
    """
    before = clock.now() - timedelta(days=limits().unused_file_days)
    gone = sum(files.delete_bytes(digest) for digest in list(files.without_row(before)))
    found = sum(entry.delete_unused(challenge_id, before) for challenge_id in entry.unused(before))
    return lambda: {"files": count(gone), "attachments": count(found)}


@background.job("challenges.open", first=True)
def open_one(challenge_id: int) -> dict[str, object]:
    """Open a funded challenge whose opening date has passed."""
    return _try(services.open, challenge_id)


@background.job("challenges.close", first=True)
def close_one(challenge_id: int) -> dict[str, object]:
    """Close an open challenge whose closing date has passed."""
    return _try(services.close, challenge_id)


@background.job("challenges.open_and_close_due", outside=True, first=True, lease=300)
def open_and_close_due() -> Callable[[], dict[str, object]]:
    """Open and close everything due, one transaction each: for challenges whose own jobs have not run."""
    return _each((operation, i) for operation, i in queries.due(clock.now(), AT_ONCE) if operation != "expire_funding")


@background.job("funding.expire", outside=True, lease=300)
def expire_unfunded() -> Callable[[], dict[str, object]]:
    """Return approved challenges that were not paid in time to draft, one transaction each."""
    return _each((operation, i) for operation, i in queries.due(clock.now(), AT_ONCE) if operation == "expire_funding")


@background.job("challenges.notify_followers")
def notify_followers(challenge_id: int, what: str, actor_id: int | None, after: int = 0) -> None:
    """Notify some of those who follow a challenge, its sponsor or its field, and enqueue the next."""
    last = followers.notify_next(challenge_id, what, actor_id, after)
    if last is not None:
        background.enqueue("challenges.notify_followers", challenge_id, what, actor_id, last, challenge_id=challenge_id)


@background.job("searches.notify_hits")
def notify_hits(challenge_id: int, actor_id: int | None, after: int = 0) -> None:
    """Notify the owners of some saved searches that find a new challenge, and enqueue the next."""
    last = searches.notify_next(challenge_id, actor_id, after)
    if last is not None:
        background.enqueue("searches.notify_hits", challenge_id, actor_id, last, challenge_id=challenge_id)


@background.job("external_records.archive", lease=300)
def archive_listed() -> dict[str, object]:
    """Archive external records whose dates have passed."""
    ended = queries.ended_listings(clock.now(), AT_ONCE)
    for challenge_id in ended:
        services.archive(SYSTEM, challenge_id)
    return {"archived": len(ended)}


@background.job("challenges.end_consents")
def end_consents(membership_id: int) -> dict[str, object]:
    """Remove a firm's consents to drafts of a park that it has left."""
    return {"consents": on_behalf.end_consents(SYSTEM, membership_id)}


@background.job("vouchers.expire")
def expire_vouchers() -> dict[str, object]:
    """Remind of vouchers that expire soon, and expire those whose time has passed."""
    return {"soon": support.remind(SYSTEM), "expired": support.expire(SYSTEM)}


@background.job("search.reindex_organisation", lease=300)
def reindex_organisation(organisation_id: int) -> dict[str, object]:
    """Reindex the challenges of an organisation with a new name."""
    return {"read": indexing.reindex(indexing.of_organisation(organisation_id))}


@background.job("search.reindex_terms", lease=300)
def reindex_terms(scheme: str, keys: list[str]) -> dict[str, object]:
    """Find the challenges that have terms which changed, for `search.reindex_outdated`."""
    found = indexing.mark_outdated(scheme, keys)
    background.enqueue("search.reindex_outdated")
    return {"read": found}


@background.job("search.reindex_outdated", lease=300)
def reindex_outdated() -> dict[str, object]:
    """Reindex challenges with tokens of older search rules or terms, one transaction's number at a time."""
    vocabulary.forget()
    read = indexing.reindex(indexing.outdated())
    if read == indexing.AT_ONCE:
        background.enqueue("search.reindex_outdated", wake=False)
    return {"read": read}


def _try(operation: Operation, challenge_id: int) -> dict[str, object]:
    try:
        return {"state": term(operation(SYSTEM, challenge_id).state, "challenge")}
    except (Conflict, NotFound) as refusal:  # already done, or no longer due: nothing was written
        return {"skipped": str(refusal.message)}


def _each(due: Iterable[tuple[str, int]]) -> Callable[[], dict[str, object]]:
    """One that fails does not stop the others: it is logged and tried again in the next run."""
    done: Counter[str] = Counter()
    for operation, challenge_id in due:
        try:
            OPERATIONS[operation](SYSTEM, challenge_id)
            done[operation] += 1
        except Conflict:
            done["skipped"] += 1
        except Exception:
            log.exception("challenge %s: %s failed", challenge_id, operation)
            done["failed"] += 1
    return lambda: dict(done)
