"""Every limit of the platform, as a named field that CROWD_LIMIT_* may set."""

from dataclasses import dataclass, replace
from typing import Annotated

# (demo, production), of limits that are -1
BY_MODE = {
    "payout_hold_hours": (0, 24),
    "min_open_seconds": (120, 24 * 3600),
    "min_appeal_seconds": (60, 3 * 24 * 3600),
    "amendment_seconds": (3600, 7 * 24 * 3600),
    "question_seconds": (60, 2 * 24 * 3600),
}
FORM_BYTES = 4 * 2**20  # of a request without files, and of the text fields sent with them


@dataclass(frozen=True, slots=True)
class SettingHelp:
    """What docs/settings.md says about a setting: its meaning, its unit, and its default where the value does not."""

    meaning: str
    unit: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Each limit with its unit; -1 stands for a value that follows from the mode or from another limit."""

    upload_bytes: Annotated[int, SettingHelp("of one file", "bytes")] = 100 * 2**20
    proposal_bytes: Annotated[
        int, SettingHelp("of all files of a proposal", "bytes", "five times `CROWD_LIMIT_UPLOAD_BYTES`")
    ] = -1
    request_bytes: Annotated[
        int, SettingHelp("of a request that brings files", "bytes", "`CROWD_LIMIT_PROPOSAL_BYTES` and 4 MiB of text")
    ] = -1
    files_per_proposal: Annotated[int, SettingHelp("of a proposal", "files")] = 10
    max_title_length: Annotated[int, SettingHelp("of the title of a challenge or of a prize", "characters")] = 160
    max_summary_length: Annotated[int, SettingHelp("of the summary of a challenge", "characters")] = 400
    max_problem_statement_length: Annotated[
        int, SettingHelp("of the problem statement of a challenge, and of its full text", "characters")
    ] = 40_000
    max_body_length: Annotated[int, SettingHelp("of the text of a proposal", "characters")] = 60_000
    max_idea_length: Annotated[int, SettingHelp("of the text of a proposal that is an idea", "characters")] = 3_000
    files_per_idea: Annotated[int, SettingHelp("of a proposal that is an idea", "files")] = 1
    max_comment_length: Annotated[int, SettingHelp("of a reviewer's comment or remark", "characters")] = 10_000
    max_reason_length: Annotated[
        int, SettingHelp("of a reason, and of other texts of a few sentences", "characters")
    ] = 2_000
    tags: Annotated[int, SettingHelp("of a challenge, or fields of work of a person", "tags")] = 8
    max_tag_length: Annotated[int, SettingHelp("of one tag", "characters")] = 40
    prizes: Annotated[int, SettingHelp("of a challenge", "prizes")] = 10
    criteria: Annotated[int, SettingHelp("of a challenge", "criteria")] = 12
    max_nda_length: Annotated[int, SettingHelp("of an NDA", "characters")] = 20_000
    registration_questions: Annotated[int, SettingHelp("that a challenge asks at the registration", "questions")] = 10
    registration_documents: Annotated[int, SettingHelp("that a challenge wants at the registration", "documents")] = 10
    attachments: Annotated[int, SettingHelp("of a challenge", "files")] = 20
    attachment_bytes: Annotated[
        int, SettingHelp("of one attachment of a challenge", "bytes", "as `CROWD_LIMIT_UPLOAD_BYTES`")
    ] = -1
    attachments_bytes: Annotated[
        int,
        SettingHelp("of all attachments of a challenge", "bytes", "five times `CROWD_LIMIT_ATTACHMENT_BYTES`"),
    ] = -1
    rating_labels: Annotated[int, SettingHelp("of a criterion that is rated", "labels")] = 10
    max_label_length: Annotated[int, SettingHelp("of such a label", "characters")] = 40
    max_anchor_length: Annotated[
        int, SettingHelp("of the words for what 30, 50 or 80 percent of a criterion's points mean", "characters")
    ] = 200
    team_members: Annotated[int, SettingHelp("who share in a proposal, its author among them", "people")] = 12
    proposals_per_challenge: Annotated[int, SettingHelp("that a challenge may accept", "proposals")] = 500
    registrations_per_challenge: Annotated[int, SettingHelp("that a challenge may have", "registrations")] = 5_000
    organisation_members: Annotated[int, SettingHelp("in an organisation", "people")] = 200
    organisation_documents: Annotated[int, SettingHelp("with which an organisation shows who it is", "documents")] = 10
    follows: Annotated[int, SettingHelp("that a person may follow", "challenges, organisations, terms, searches")] = 500
    saved_searches: Annotated[int, SettingHelp("that a person may save", "searches")] = 20
    calendar_days: Annotated[int, SettingHelp("that the link of a private calendar is valid", "days")] = 366
    page_rows: Annotated[int, SettingHelp("on a page of a list", "rows")] = 20
    export_rows: Annotated[int, SettingHelp("of an export", "rows")] = 50_000
    import_bytes: Annotated[int, SettingHelp("of a file of challenges from another platform", "bytes")] = 64 * 2**20
    import_rows: Annotated[int, SettingHelp("of such a file", "rows")] = 100_000
    dual_approval_amount: Annotated[
        int,
        SettingHelp(
            "a day and payer, from which on two people of finance are needed; CNY, and others without their own",
            "minor units",
        ),
    ] = 5_000_000
    dual_approval_amount_eur: Annotated[int, SettingHelp("the same in EUR", "minor units")] = 700_000
    dual_approval_amount_usd: Annotated[int, SettingHelp("the same in USD", "minor units")] = 700_000
    dual_approval_amount_jpy: Annotated[int, SettingHelp("the same in JPY", "minor units")] = 1_000_000
    payout_hold_hours: Annotated[
        int, SettingHelp("that a changed payout account waits before money goes to it", "hours")
    ] = -1
    min_open_seconds: Annotated[int, SettingHelp("that a challenge is open, at least", "seconds")] = -1
    max_open_days: Annotated[int, SettingHelp("that a challenge is open, at most", "days")] = 366
    funding_days: Annotated[int, SettingHelp("to pay a challenge into escrow", "days")] = 14
    opening_wait_days: Annotated[
        int, SettingHelp("that a paid challenge waits to open until its organisation is verified again", "days")
    ] = 30
    screening_days: Annotated[
        int,
        SettingHelp("to screen a challenge, Monday to Friday; the date is only shown", "working days"),
    ] = 5
    screening_items: Annotated[int, SettingHelp("of the checklist of the screening", "items")] = 30
    screening_remarks: Annotated[int, SettingHelp("about a challenge in one round of the screening", "remarks")] = 50
    saved_answers: Annotated[int, SettingHelp("that a person of the service centre may save", "answers")] = 50
    grace_seconds: Annotated[
        int, SettingHelp("after the closing date, or the appeal period, for what had arrived before its end", "seconds")
    ] = 10
    amendment_seconds: Annotated[
        int, SettingHelp("by which a material change of a published challenge moves its close, at least", "seconds")
    ] = -1
    question_seconds: Annotated[
        int, SettingHelp("before the close, from which on a challenge takes no questions", "seconds")
    ] = -1
    questions_per_person: Annotated[int, SettingHelp("that a person asks about one challenge", "questions")] = 10
    invitations_at_once: Annotated[int, SettingHelp("that are invited to a challenge at once", "invitations")] = 100
    invitations_per_challenge: Annotated[int, SettingHelp("to one challenge", "invitations")] = 500
    invitations_per_day: Annotated[int, SettingHelp("of one organisation within a day", "invitations")] = 200
    invitations_per_address: Annotated[
        int, SettingHelp("to one address within a day, whoever invites; later ones wait", "emails")
    ] = 3
    invitation_mails: Annotated[int, SettingHelp("of one invitation, with its reminders", "emails")] = 3
    invitation_pause_hours: Annotated[int, SettingHelp("before an invitation is sent again, at least", "hours")] = 48
    invitation_days: Annotated[
        int, SettingHelp("after the end of a challenge, for which the addresses of invitations are kept", "days")
    ] = 90
    max_invitation_length: Annotated[int, SettingHelp("of the sponsor's words in an invitation", "characters")] = 1_000
    max_addresses_length: Annotated[int, SettingHelp("of a pasted list of addresses", "characters")] = 20_000
    unused_file_days: Annotated[
        int, SettingHelp("after their upload, from which on files that nothing names are deleted", "days")
    ] = 30
    appeal_seconds: Annotated[int, SettingHelp("to appeal, where the sponsor chooses no other time", "seconds")] = (
        7 * 24 * 3600
    )
    min_appeal_seconds: Annotated[int, SettingHelp("to appeal, at least", "seconds")] = -1
    max_appeal_seconds: Annotated[int, SettingHelp("to appeal, at most", "seconds")] = 30 * 24 * 3600
    cases_per_day: Annotated[int, SettingHelp("that a person files in a day", "cases")] = 20
    cases_per_subject: Annotated[
        int, SettingHelp("that a person files about one thing in 30 days and that are withdrawn or refused", "cases")
    ] = 2
    rule_notice_days: Annotated[
        int, SettingHelp("between the decision about a change of rules and the day from which it applies", "days")
    ] = 14
    case_entries: Annotated[int, SettingHelp("that are added to one case", "entries")] = 200
    review_days: Annotated[int, SettingHelp("to review", "days")] = 14
    min_review_comment: Annotated[int, SettingHelp("of the comment of a review, at least", "characters")] = 40
    decision_days: Annotated[int, SettingHelp("to decide after the reviews", "days")] = 21
    centre_decision_days: Annotated[
        int, SettingHelp("to decide for the service centre, where the sponsor has not", "days")
    ] = 14
    decision_reminder_days: Annotated[
        int, SettingHelp("before a decision is due, for the reminder; another follows a day before, 0 for none", "days")
    ] = 5
    support_lines: Annotated[int, SettingHelp("kinds of support in kind that a challenge may have", "kinds")] = 10
    voucher_days: Annotated[
        int, SettingHelp("that a voucher is valid, where the sponsor says nothing else", "days")
    ] = 180
    max_voucher_days: Annotated[int, SettingHelp("that a voucher is valid, at most", "days")] = 730
    expert_days: Annotated[int, SettingHelp("that an expert stays in their register, until a renewal", "days")] = 1_095
    verification_days: Annotated[
        int, SettingHelp("that an organisation stays verified, until it is verified again", "days")
    ] = 1_095
    manager_days: Annotated[
        int, SettingHelp("that a technology manager stays in their register, until a renewal", "days")
    ] = 365
    backbone_days: Annotated[
        int, SettingHelp("that a backbone agency stays in its register, until a renewal", "days")
    ] = 1_095
    technology_contract_check_days: Annotated[
        int, SettingHelp("for the check of a technology contract that is to be registered", "working days")
    ] = 10
    technology_contract_days: Annotated[
        int, SettingHelp("that the registration of a technology contract is valid; 0 for without end", "days")
    ] = 0
    small_firm_staff: Annotated[int, SettingHelp("who work in a science and technology SME, at most", "people")] = 500
    small_firm_revenue: Annotated[int, SettingHelp("of a science and technology SME in a year, at most", "yuan")] = (
        200_000_000
    )
    small_firm_assets: Annotated[int, SettingHelp("of a science and technology SME, at most", "yuan")] = 200_000_000
    small_firm_points: Annotated[int, SettingHelp("that a science and technology SME needs, of 100", "points")] = 60
    small_firm_objection_days: Annotated[
        int, SettingHelp("in which anybody may object to the entry of an SME", "working days")
    ] = 10
    small_firm_days: Annotated[
        int, SettingHelp("that a science and technology SME stays in its register, until it applies again", "days")
    ] = 365
    service_platform_days: Annotated[
        int, SettingHelp("that a service platform stays in its register, until it applies again", "days")
    ] = 1_095
    inspection_reply_days: Annotated[
        int, SettingHelp("in which the holder of an entry replies to an inspection", "working days")
    ] = 5
    inspection_days: Annotated[
        int, SettingHelp("in which the service centre decides an inspection after that", "working days")
    ] = 10
    register_reminder_days: Annotated[
        int, SettingHelp("before the end of an entry of a register, for the reminder; 0 for none", "days")
    ] = 60
    reviews_per_proposal: Annotated[int, SettingHelp("of each proposal", "reviews")] = 3
    max_reviews_per_panel: Annotated[int, SettingHelp("of one person in a panel", "reviews")] = 15
    max_open_reviews: Annotated[int, SettingHelp("that one person has open in all panels", "reviews")] = 40
    sign_in_per_minute: Annotated[int, SettingHelp("to sign in, from an IP address", "attempts a minute")] = 10
    sign_in_per_account_hour: Annotated[
        int, SettingHelp("with the password of an account", "failed attempts an hour")
    ] = 30
    sign_up_per_hour: Annotated[
        int, SettingHelp("to sign up or to ask for a link, from an IP address", "attempts an hour")
    ] = 20
    mails_per_account_hour: Annotated[int, SettingHelp("with links, to one account", "emails an hour")] = 6
    writes_per_minute: Annotated[int, SettingHelp("that write, of one person", "requests a minute")] = 120
    api_per_minute: Annotated[int, SettingHelp("to the API, from an IP address", "requests a minute")] = 300
    mail_attempts: Annotated[int, SettingHelp("to send an email", "attempts")] = 8
    session_days: Annotated[int, SettingHelp("that a person stays signed in", "days")] = 14


def sizes_that_follow(limits: Limits) -> Limits:
    """The limits, with unset sizes derived from the size of one file."""
    if limits.proposal_bytes < 0:
        limits = replace(limits, proposal_bytes=5 * limits.upload_bytes)
    if limits.request_bytes < 0:
        limits = replace(limits, request_bytes=limits.proposal_bytes + FORM_BYTES)
    if limits.attachment_bytes < 0:
        limits = replace(limits, attachment_bytes=limits.upload_bytes)
    if limits.attachments_bytes < 0:
        limits = replace(limits, attachments_bytes=5 * limits.attachment_bytes)
    return limits
