"""Jobs send mail: the email is stored first, then sent, then its text is deleted."""

from collections.abc import Callable

from flask import current_app

from crowd import background
from crowd.notifications import mail, queries, services
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
    """Write one email per person about a batch of notifications, and send them; one that fails is retried alone."""
    emails, failures = services.write_emails(batch), []
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
