"""Every limit of the platform, as a named field that CROWD_LIMIT_* may set."""

from dataclasses import dataclass, replace

BY_MODE = {"min_open_seconds": (120, 24 * 3600), "min_appeal_seconds": (60, 3 * 24 * 3600)}  # (demo, production)
FORM_BYTES = 4 * 2**20  # of a request without files, and of the text fields sent with them


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, lengths in characters, times in seconds, unless the name says otherwise."""

    upload_bytes: int = 100 * 2**20  # of one file
    proposal_bytes: int = -1  # of all files of a proposal; -1: five times that of one
    request_bytes: int = -1  # of a request that brings files; -1: a proposal's files plus text fields
    files_per_proposal: int = 10
    max_title_length: int = 160
    max_summary_length: int = 400
    max_problem_statement_length: int = 40_000
    max_body_length: int = 60_000
    max_comment_length: int = 10_000
    max_reason_length: int = 2_000
    tags: int = 8
    max_tag_length: int = 40
    prizes: int = 10
    criteria: int = 12
    team_members: int = 12
    proposals_per_challenge: int = 500
    registrations_per_challenge: int = 5_000
    organisation_members: int = 200
    organisation_documents: int = 10
    page_rows: int = 20
    export_rows: int = 50_000
    import_bytes: int = 64 * 2**20
    import_rows: int = 100_000
    # Minor units that one person of finance may transfer per day and payer; from there on two are needed. By currency.
    dual_approval_amount: int = 5_000_000
    dual_approval_amount_eur: int = 700_000
    dual_approval_amount_usd: int = 700_000
    dual_approval_amount_jpy: int = 1_000_000
    payout_hold_hours: int = -1  # hours; -1: 24 in production, none in a demonstration
    min_open_seconds: int = -1  # -1: a day in production, two minutes in a demonstration
    max_open_days: int = 366
    funding_days: int = 14
    grace_seconds: int = 10  # after the closing date, for what had arrived before it
    appeal_seconds: int = 7 * 24 * 3600
    min_appeal_seconds: int = -1  # -1: three days in production, one minute in a demonstration
    max_appeal_seconds: int = 30 * 24 * 3600
    review_days: int = 14
    min_review_comment: int = 40
    decision_days: int = 21
    reviews_per_proposal: int = 3
    max_reviews_per_panel: int = 15
    max_open_reviews: int = 40
    sign_in_per_minute: int = 10
    sign_in_per_account_hour: int = 30
    sign_up_per_hour: int = 20
    mails_per_account_hour: int = 6
    writes_per_minute: int = 120
    api_per_minute: int = 300
    mail_attempts: int = 8
    session_days: int = 14


def sizes_that_follow(limits: Limits) -> Limits:
    """The limits, with unset sizes derived from the size of one file."""
    if limits.proposal_bytes < 0:
        limits = replace(limits, proposal_bytes=5 * limits.upload_bytes)
    if limits.request_bytes < 0:
        limits = replace(limits, request_bytes=limits.proposal_bytes + FORM_BYTES)
    return limits
