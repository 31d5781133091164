"""Jobs send mail: the email is stored first, then sent, then its text is deleted."""

from collections.abc import Callable

from flask import current_app

from crowd import background
from crowd.background import enqueue
from crowd.notifications import digests, mail, queries, services
from crowd.values import count


@background.job("emails.send", outside=True, attempts="mail_attempts", lease=60, backoff=20)
def send_mail(mail_id: int) -> Callable[[], None] | None:
    """Send one email, unless it was already sent."""
    email = queries.find_unsent(mail_id)
    if email is None:
        return None
    with mail.connected(current_app.config["CROWD"]) as deliver:
        deliver(email)
    return lambda: services.sent(mail_id)


@background.job("notifications.email", outside=True, attempts="mail_attempts", lease=900, backoff=20)
def send_notifications(batch: str) -> Callable[[], dict[str, object]]:
    """Write one email per person about a batch of notifications, and send them."""
    return _send(services.write_emails(batch))


@background.job("digests.write")
def write_digests(after: int = 0) -> dict[str, object]:
    """Write the digests that are due, some people in each job, and have them sent."""
    batch, number, last = digests.write_due(after)
    if number:
        enqueue("digests.send", batch, key=f"digests.send:{batch}", wake=False)
    if last is not None:
        enqueue("digests.write", last)
    return {"emails": count(number)}


@background.job("digests.send", outside=True, attempts="mail_attempts", lease=300, backoff=20)
def send_digests(batch: str) -> Callable[[], dict[str, object]]:
    """Send the digests of a batch that were not sent yet."""
    return _send(queries.unsent(batch))


def _send(emails: list[int]) -> Callable[[], dict[str, object]]:
    """Send these emails; one that fails is retried alone. Raises OSError where one failed."""
    failures = []
    with mail.connected(current_app.config["CROWD"]) as deliver:
        for mail_id in emails:
            try:
                _deliver(deliver, mail_id)
            except OSError as error:
                failures.append(error)
    if failures:
        raise OSError(f"{len(failures)} of {len(emails)} emails could not be sent: {failures[0]}")
    return lambda: {"emails": count(len(emails))}


def _deliver(deliver: mail.Deliver, mail_id: int) -> None:
    email = queries.find_unsent(mail_id)
    if email is not None:
        deliver(email)
        services.sent(mail_id)
