"""Which forms act once: every endpoint that accepts a POST either creates something, and is marked, or is here with the
reason why a second submission changes nothing.
"""

from flask import Flask

# The workflow takes a state to another once; who asks again is told that it happened.
MOVES = {
    "cases.withdraw", "cases.name_substitute", "cases.blacken", "cases.remove_days_off",
    "accounts.close_account", "accounts.decline_invitation", "accounts.grant_role", "accounts.leave_organisation",
    "accounts.remove_document", "accounts.remove_member", "accounts.remove_unit_member",
    "accounts.reopen_account", "accounts.revoke_role",
    "accounts.accept_park", "accounts.decline_park", "accounts.do_close_organisation", "accounts.end_park_membership",
    "accounts.delete_export", "accounts.erase_account", "accounts.hand_over",
    "accounts.close_unit", "accounts.hand_over_unit", "screening.claim", "screening.release",
    "screening.delete_remark", "screening.reopen_remark", "screening.delete_phrase",
    "accounts.reopen_organisation", "accounts.withdraw_park_invitation", "challenges.consent",
    "challenges.withdraw_consent", "acceptance.accept", "contracts.withdraw",
    "support.remove", "support.agree", "support.decline", "support.redeem", "support.confirm", "support.hand_back",
    "invitations.withdraw", "discussion.reply", "discussion.publish", "discussion.reject",
    "accounts.verify_organisation", "accounts.withdraw_invitation", "admin.retry_job", "challenges.approve",
    "challenges.cancel", "drafting.check", "challenges.withdraw_from_screening", "challenges.return_for_changes",
    "ledger.allocate_deposit",
    "ledger.confirm_deposit", "ledger.discard_deposit", "ledger.approve", "ledger.approve_batch",
    "ledger.cancel_batch", "ledger.cancel_payout", "ledger.decline", "scoring.clear", "scoring.decline",
    "scoring.release_payment",
    "confirmations.confirm", "confirmations.refuse", "brief_templates.restore", "brief_templates.retire",
    "brief_templates.undo", "scoring.deselect_all",
    "scoring.deselect_award", "scoring.withdraw_conflict", "shares.agree", "shares.refuse", "submissions.resume",
    "submissions.unregister", "taxonomy.dismiss", "taxonomy.assign", "taxonomy.merge", "taxonomy.restore",
    "taxonomy.retire", "submissions.withdraw", "registers.suspend", "registers.resume", "registers.revoke",
}  # fmt: skip
# What was there is replaced by what was sent: the same sent again leaves the same.
REPLACES = {
    "cases.assign_to_me", "cases.release", "cases.assign",
    "accounts.change_member_role", "accounts.organisation_edit", "accounts.profile", "accounts.revoke_session",
    "accounts.revoke_sessions", "accounts.unit", "accounts.verification", "challenges.firm",
    "drafting.autosave", "drafting.step", "screening.assign", "screening.check", "accounts.lead_unit",
    "feeds.create_link", "feeds.revoke_link", "following.follow", "following.unfollow", "searches.delete",
    "ledger.reconcile_deposit", "ledger.resolve_bank_response", "notifications.preferences", "notifications.read",
    "notifications.read_all", "scoring.autosave", "scoring.review", "submissions.autosave", "submissions.edit",
    "shares.edit", "site.language", "taxonomy.apply", "taxonomy.edit", "taxonomy.links", "unsubscribing.unsubscribe",
    "invitation_stops.stop",
}  # fmt: skip
# A key of their own decides: the link's token, the bank's reference of a line.
KEYED = {"accounts.choose_password", "accounts.sign_up", "ledger.bank_statement"}
# They keep nothing in the database.
NOTHING = {"accounts.act_for", "demo.switch_user", "taxonomy.import_file"}


def posted(app: Flask) -> set[str]:
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and not rule.endpoint.startswith("security.")
    }


def test_every_address_that_is_posted_to_acts_once(shared_app: Flask) -> None:
    marked = {name for name in posted(shared_app) if hasattr(shared_app.view_functions[name], "crowd_once")}
    others = MOVES | REPLACES | KEYED | NOTHING
    assert marked & others == set()
    assert sorted(posted(shared_app) - marked - others) == []
    assert sorted(others - posted(shared_app)) == []
    assert {"challenges.new", "ledger.withdraw", "submissions.register", "ledger.record_deposit"} <= marked
