"""Flask-Security's texts in our words: its messages by name, and the subject lines of its emails.

The messages are plain text because Flask-Security translates them itself, from our catalogue.
"""

from flask_babel import lazy_gettext as _l

from crowd.errors import Sentence


def N_(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


MESSAGES: dict[str, tuple[str, str]] = {
    "API_ERROR": (N_("This link is not valid, or it was used before."), "error"),
    "ANONYMOUS_USER_REQUIRED": (N_("You are signed in already."), "info"),
    "CHANGE_EMAIL_CONFIRMED": (N_("Your new address is confirmed. Please sign in with it."), "success"),
    "CHANGE_EMAIL_EXPIRED": (N_("This link has expired. Please request a new one."), "error"),
    "CHANGE_EMAIL_SENT": (
        N_("We have sent a link to %(email)s. Open it, and press its button, to change the address."),
        "success",
    ),
    "DISABLED_ACCOUNT": (N_("This account is closed."), "error"),
    "EMAIL_ALREADY_ASSOCIATED": (N_("There is an account with this address."), "error"),
    "EMAIL_NOT_PROVIDED": (N_("Please fill this in."), "error"),
    "FORGOT_PASSWORD": (N_("Forgot your password?"), "info"),
    "GENERIC_AUTHN_FAILED": (N_("Email address and password do not match."), "error"),
    "INVALID_EMAIL_ADDRESS": (N_("This is not an email address that we can write to."), "error"),
    "INVALID_PASSWORD": (N_("The password is not right."), "error"),
    "INVALID_REDIRECT": (N_("The address to go to afterwards is not on this platform."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (
        N_("This link is not valid, or it was used before. Please request a new one."),
        "error",
    ),
    "PASSWORD_CHANGE": (N_("Your password is changed. Every other session has ended."), "success"),
    "PASSWORD_IS_THE_SAME": (N_("The new password is the same as the old one."), "error"),
    "PASSWORD_NOT_PROVIDED": (N_("Please fill this in."), "error"),
    "PASSWORD_RESET_EXPIRED": (N_("This link has expired. Please request a new one."), "error"),
    "PASSWORD_RESET_NO_LOGIN": (N_("Your new password is set. Please sign in with it."), "success"),
    "PASSWORD_RESET_REQUEST": (
        N_("If %(email)s belongs to an account, we have sent a link to it that sets a new password."),
        "info",
    ),
    "REAUTHENTICATION_REQUIRED": (N_("Please enter your password again before you continue."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (N_("Thank you. You can continue."), "success"),
    "RETYPE_PASSWORD_MISMATCH": (N_("The two passwords differ."), "error"),
    "UNAUTHENTICATED": (N_("Please sign in. You then return to this page."), "info"),
    "USER_DOES_NOT_EXIST": (N_("There is no account with this address."), "error"),
}

SUBJECTS: dict[str, Sentence] = {
    "reset_instructions": _l("Set a new password"),
    "reset_notice": _l("Your password was reset"),
    "change_notice": _l("Your password was changed"),
    "change_email_instructions": _l("Confirm your new address"),
}
