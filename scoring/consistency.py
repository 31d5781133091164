"""What the judging adds to the ledger check: whether challenges, awards and points agree with the ledger.

Reads only. A finding that is a warning means that something is stuck, not that money is wrong.
"""

from datetime import timedelta

import sqlalchemy as sa

from crowd import clock
from crowd.db import db
from crowd.ledger.check import MAX_FINDINGS, LedgerFinding, LedgerRule

RULES = (
    LedgerRule(
        "escrow_state",
        """SELECT 'challenge ' || id, state || ': escrow holds ' || held || ', should hold ' || due FROM (
               SELECT c.id, c.state, coalesce(account.balance, 0) AS held,
                      CASE WHEN c.state IN ('funded', 'open', 'judging', 'decided')
                           THEN c.prize_total + (c.prize_total * c.fee_basis_points + 5000) / 10000
                                + c.honoraria - coalesce(paid.amount, 0) - coalesce(awards.amount, 0)
                           ELSE 0 END AS due
               FROM challenge c LEFT JOIN (
                   SELECT challenge_id, sum(fee)::bigint AS amount FROM assignment
                   WHERE fee_paid_at IS NOT NULL GROUP BY challenge_id) AS paid ON paid.challenge_id = c.id
               LEFT JOIN (
                   SELECT challenge_id, sum(amount + fee)::bigint AS amount FROM award
                   WHERE state = 'posted' GROUP BY challenge_id) AS awards ON awards.challenge_id = c.id
               LEFT JOIN ledger_account account
               ON account.kind = 'escrow' AND account.owner_type = 'challenge'
                    AND account.owner_id = c.id AND account.currency = c.currency) AS escrows
           WHERE held <> due""",
    ),
    LedgerRule(
        "escrow_stray",
        """SELECT 'account ' || account.id, 'escrow of challenge ' || account.owner_id || ' holds '
                  || account.balance || ' ' || account.currency || ', which is not that challenge''s'
           FROM ledger_account account WHERE account.kind = 'escrow' AND account.balance <> 0 AND NOT EXISTS (
               SELECT FROM challenge c WHERE c.id = account.owner_id AND c.currency = account.currency)""",
    ),
    LedgerRule(
        "award_unpaid",
        """SELECT 'award ' || a.id, 'posted with ' || a.amount || ', paid ' || coalesce(paid.amount, 0)
           FROM award a LEFT JOIN (
               SELECT t.subject_id, sum(p.amount) AS amount
               FROM transfer t JOIN posting p ON p.transfer_id = t.id
               JOIN ledger_account account ON account.id = p.target_id
               WHERE t.kind = 'award' AND t.key = 'award:' || t.subject_id AND account.kind = 'payable'
               GROUP BY t.subject_id
           ) AS paid ON paid.subject_id = a.id
           WHERE a.state = 'posted' AND coalesce(paid.amount, 0) <> a.amount""",
    ),
    LedgerRule(  # each gets the agreed part, rounded down or up
        "award_misdirected",
        """SELECT 'award ' || d.id, coalesce(d.owner_type, p.owner_type) || ' ' || coalesce(d.owner_id, p.owner_id)
                  || ' was paid ' || coalesce(p.amount, 0) || ', has ' || coalesce(d.points, 0) || ' of 10000 of '
                  || coalesce(d.amount, 0)
           FROM (SELECT a.id, a.amount,
                        CASE WHEN coalesce(s.user_id, s.organisation_id) IS NOT NULL THEN
                                  CASE WHEN s.user_id IS NULL THEN 'organisation' ELSE 'user' END
                             WHEN q.organisation_id IS NULL THEN 'user' ELSE 'organisation' END AS owner_type,
                        coalesce(s.user_id, s.organisation_id, q.organisation_id, q.user_id) AS owner_id,
                        coalesce(s.basis_points, 10000) AS points
                 FROM award a JOIN proposal q ON q.id = a.proposal_id
                 LEFT JOIN share s ON s.proposal_id = q.id WHERE a.state = 'posted') AS d
           FULL JOIN (SELECT t.subject_id AS id, account.owner_type, account.owner_id, sum(l.amount) AS amount
                      FROM transfer t JOIN posting l ON l.transfer_id = t.id
                      JOIN ledger_account account ON account.id = l.target_id
                      WHERE t.kind = 'award' AND t.key = 'award:' || t.subject_id AND account.kind = 'payable'
                      GROUP BY 1, 2, 3) AS p
                ON p.id = d.id AND p.owner_type = d.owner_type AND p.owner_id = d.owner_id
           WHERE coalesce(p.amount, 0) NOT BETWEEN coalesce(d.amount * d.points / 10000, 0)
                 AND coalesce((d.amount * d.points + 9999) / 10000, 0)""",
    ),
    LedgerRule(
        "split_wrong",
        """SELECT 'proposal ' || q.id, 'is submitted with shares of ' || s.points || ' of 10000, not agreed: ' || s.open
           FROM proposal q JOIN (
               SELECT proposal_id, sum(basis_points) AS points, count(*) FILTER (WHERE agreed_at IS NULL) AS open
               FROM share GROUP BY proposal_id) AS s ON s.proposal_id = q.id
           WHERE q.state = 'submitted' AND (s.points <> 10000 OR s.open > 0)""",
    ),
    LedgerRule(
        "award_paid_early",
        """SELECT 'transfer ' || t.id, t.key || ' is booked, but the award is ' || coalesce(a.state, 'missing')
           FROM transfer t LEFT JOIN award a ON a.id = t.subject_id
           WHERE t.kind = 'award' AND (a.state = 'posted') IS NOT TRUE""",
    ),
    LedgerRule(
        "award_open",
        """SELECT 'award ' || a.id, a.state || ' in a challenge that is ' || c.state
           FROM award a JOIN challenge c ON c.id = a.challenge_id
           WHERE a.round_id = (SELECT id FROM round WHERE challenge_id = c.id ORDER BY number DESC LIMIT 1)
             AND ((c.state = 'settled' AND a.state <> 'posted') OR (c.state = 'decided' AND a.state = 'selected')
                  OR (c.state NOT IN ('decided', 'settled') AND a.state <> 'selected'))""",
    ),
    LedgerRule(
        "award_wrong",
        """SELECT 'award ' || a.id, 'does not fit prize ' || p.id || ' and proposal ' || q.id
           FROM award a JOIN prize p ON p.id = a.prize_id JOIN proposal q ON q.id = a.proposal_id
           WHERE p.round_id <> a.round_id OR q.challenge_id <> a.challenge_id OR q.state <> 'submitted'
              OR (a.tie_rank IS NULL AND a.amount <> p.amount) OR a.position NOT BETWEEN 1 AND p.award_count""",
    ),
    LedgerRule(  # equal means share the prizes of their places in equal parts
        "tie_wrong",
        """SELECT 'challenge ' || a.challenge_id, 'rank ' || a.tie_rank || ' shares ' || sum(a.amount)
                  || ', its prizes are ' || coalesce(sum(p.amount) FILTER (WHERE a.position IS NOT NULL), 0)
           FROM award a JOIN prize p ON p.id = a.prize_id WHERE a.tie_rank IS NOT NULL
           GROUP BY a.challenge_id, a.round_id, a.tie_rank
           HAVING sum(a.amount) <> coalesce(sum(p.amount) FILTER (WHERE a.position IS NOT NULL), 0)
               OR max(a.amount) - min(a.amount) > 1""",
    ),
    LedgerRule(  # what the decision has fixed adds up to the fee on all awards
        "fee_wrong",
        """SELECT 'challenge ' || c.id, 'fees of ' || sums.fee || ', should be '
                  || (sums.amount * c.fee_basis_points + 5000) / 10000
           FROM challenge c
           JOIN (SELECT challenge_id, sum(amount)::bigint AS amount, sum(fee)::bigint AS fee FROM award
                 WHERE state <> 'selected' GROUP BY challenge_id, round_id) AS sums ON sums.challenge_id = c.id
           WHERE sums.fee <> (sums.amount * c.fee_basis_points + 5000) / 10000""",
    ),
    LedgerRule(
        "award_fee_wrong",
        """SELECT 'award ' || a.id, 'its fee is ' || a.fee || ', paid ' || coalesce(paid.amount, 0)
           FROM award a LEFT JOIN (
               SELECT t.subject_id, sum(p.amount) AS amount
               FROM transfer t JOIN posting p ON p.transfer_id = t.id
               JOIN ledger_account account ON account.id = p.target_id
               WHERE t.kind = 'award' AND t.key = 'award:' || t.subject_id AND account.kind = 'fee'
               GROUP BY t.subject_id
           ) AS paid ON paid.subject_id = a.id
           WHERE a.state = 'posted' AND coalesce(paid.amount, 0) <> a.fee""",
    ),
    LedgerRule(  # while a hold is open, nothing is paid, and the challenge is not settled
        "paid_while_held",
        """SELECT 'award ' || a.id, 'paid while hold ' || h.id || ' was open'
           FROM award a JOIN payment_hold h ON h.round_id = a.round_id
           WHERE a.paid_at > h.held_at AND a.paid_at < coalesce(h.released_at, 'infinity')
           UNION ALL
           SELECT 'challenge ' || c.id, c.state || ', hold ' || h.id || CASE
                  WHEN h.released_at IS NULL THEN ' is open' ELSE ' was open' END
           FROM challenge c JOIN payment_hold h ON h.challenge_id = c.id
           WHERE c.settled_at > h.held_at AND c.settled_at < coalesce(h.released_at, 'infinity')
           UNION ALL
           SELECT 'challenge ' || c.id, 'its row and its holds differ' FROM challenge c
           WHERE (c.payment_held_at IS NOT NULL) <> EXISTS (
               SELECT FROM payment_hold h WHERE h.challenge_id = c.id AND h.released_at IS NULL)""",
    ),
    LedgerRule(  # a review that came in time is paid its fee once, to its reviewer, and no other is
        "honorarium_wrong",
        """SELECT coalesce('assignment ' || s.id, 'transfer ' || t.id),
                  coalesce(s.state, 'missing') || ' with a fee of ' || coalesce(s.fee, 0) || ', was paid '
                  || coalesce(t.amount, 0)
           FROM (SELECT * FROM assignment WHERE fee_paid_at IS NOT NULL) AS s FULL JOIN (
               SELECT max(t.id) AS id, t.subject_id, sum(p.amount) AS amount, min(account.owner_id) AS owner_id
               FROM transfer t JOIN posting p ON p.transfer_id = t.id JOIN ledger_account account
               ON account.id = p.target_id AND account.kind = 'payable' AND account.owner_type = 'user'
               WHERE t.kind = 'honorarium' GROUP BY t.subject_id) AS t ON t.subject_id = s.id
           WHERE (t.amount = s.fee AND t.owner_id = s.reviewer_id AND s.state IN ('done', 'set_aside')
                  AND s.done_at <= s.due_at) IS NOT TRUE""",
    ),
    LedgerRule(
        "honorarium_missing",
        """SELECT 'assignment ' || s.id, 'came in time and is not paid its fee of ' || s.fee
           FROM assignment s JOIN challenge c ON c.id = s.challenge_id
           WHERE s.fee > 0 AND s.state = 'done' AND s.done_at <= s.due_at AND s.fee_paid_at IS NULL
             AND c.state IN ('settled', 'cancelled')""",
    ),
    LedgerRule(
        "review_missing",
        """SELECT 'assignment ' || s.id, 'done, without a submitted review' FROM assignment s
           LEFT JOIN review r ON r.assignment_id = s.id
           WHERE s.state = 'done' AND r.submitted_at IS NULL""",
    ),
    LedgerRule(
        "reputation_missing",
        """SELECT 'challenge ' || c.id, 'settled, without an event of reputation' FROM challenge c
           WHERE c.state = 'settled' AND NOT EXISTS (SELECT FROM reputation_event e WHERE e.challenge_id = c.id)""",
    ),
)
ACTS = ("opened", "closed", "proposals", "decided", "rewarded", "awarded", "settled", "cancelled", "stopped")
COUNTED = """
SELECT currency, count(published_at) AS opened, count(closed_at) AS closed,
       coalesce(sum(counts.proposals) FILTER (WHERE closed_at IS NOT NULL), 0) AS proposals,
       count(decided_at) AS decided, count(decided_at) FILTER (WHERE won > 0) AS rewarded,
       coalesce(sum(won) FILTER (WHERE decided_at IS NOT NULL), 0) AS awarded, count(settled_at) AS settled,
       count(cancelled_at) FILTER (WHERE published_at IS NOT NULL AND closed_at IS NULL) AS cancelled,
       count(cancelled_at) FILTER (WHERE closed_at IS NOT NULL) AS stopped
FROM challenge LEFT JOIN challenge_count AS counts ON counts.challenge_id = challenge.id CROSS JOIN LATERAL
     (SELECT coalesce(sum(amount), 0) AS won FROM award WHERE challenge_id = challenge.id) AS awards
WHERE origin = 'platform' AND visibility = 'public' GROUP BY currency"""
_SUMS = ", ".join(f"sum({name}) AS {name}" for name in ACTS)
KEPT = f"SELECT currency, {_SUMS} FROM monthly_total GROUP BY currency"  # noqa: S608 - constants only
PUBLISHED = (  # stored for pages; no money depends on it
    LedgerRule(
        "standing_wrong",
        """SELECT coalesce('user ' || e.user_id, 'organisation ' || e.organisation_id, 'standing ' || s.id),
                  'kept as ' || coalesce(s.points, 0) || ' points, the events add up to ' || coalesce(e.points, 0)
           FROM (SELECT user_id, organisation_id, sum(points) AS points,
                        coalesce(sum(points) FILTER (WHERE kind IN ('awarded', 'placed')), 0) AS solving,
                        coalesce(sum(points) FILTER (WHERE kind = 'reviewed'), 0) AS reviewing,
                        count(*) FILTER (WHERE kind = 'awarded') AS awarded,
                        count(*) FILTER (WHERE kind = 'placed') AS placed,
                        count(*) FILTER (WHERE kind = 'reviewed') AS reviewed,
                        count(*) FILTER (WHERE kind = 'decided') AS decided
                 FROM reputation_event GROUP BY user_id, organisation_id) AS e
           FULL JOIN reputation_total s
               ON coalesce(s.user_id, -s.organisation_id) = coalesce(e.user_id, -e.organisation_id)
           WHERE (s.points, s.solving, s.reviewing, s.awarded, s.placed, s.reviewed, s.decided)
              IS DISTINCT FROM (e.points, e.solving, e.reviewing, e.awarded, e.placed, e.reviewed, e.decided)""",
    ),
    LedgerRule(
        "month_wrong",
        f"""SELECT 'challenges in ' || c.currency, 'what was counted with each act differs from what is there'
           FROM ({COUNTED}) AS c LEFT JOIN ({KEPT}) AS t ON t.currency = c.currency
           WHERE {" OR ".join(f"coalesce(t.{name}, 0) <> c.{name}" for name in ACTS)}""",  # noqa: S608 - constants only
    ),
    LedgerRule(
        "escrow_wrong",
        """SELECT 'escrows in ' || coalesce(t.currency, p.currency), 'hold ' || coalesce(p.held, 0)
                  || ', by what was counted with each act ' || coalesce(t.held, 0)
           FROM (SELECT currency, sum(funded - paid - fees - honoraria - refunded) AS held
                 FROM monthly_total GROUP BY 1) AS t
           FULL JOIN (SELECT a.currency, sum(a.balance) AS held FROM ledger_account a
                      JOIN challenge c ON c.id = a.owner_id AND c.visibility = 'public'
                      WHERE a.kind = 'escrow' AND a.owner_type = 'challenge' GROUP BY 1) AS p
                ON p.currency = t.currency
           WHERE coalesce(t.held, 0) <> coalesce(p.held, 0)""",
    ),
    LedgerRule(
        "count_wrong",
        """SELECT 'challenge ' || c.id, 'counts ' || coalesce(n.proposals, 0) || ' proposals and '
                  || coalesce(n.registrations, 0) || ' registrations, there are ' || coalesce(p.number, 0)
                  || ' and ' || coalesce(r.number, 0)
           FROM challenge c LEFT JOIN challenge_count n ON n.challenge_id = c.id
           LEFT JOIN (SELECT challenge_id, count(*) AS number FROM proposal WHERE state = 'submitted' GROUP BY 1) AS p
                ON p.challenge_id = c.id
           LEFT JOIN (SELECT challenge_id, count(*) AS number FROM registration GROUP BY 1) AS r
                ON r.challenge_id = c.id
           WHERE (coalesce(n.proposals, 0), coalesce(n.registrations, 0))
              <> (coalesce(p.number, 0), coalesce(r.number, 0))""",
    ),
    LedgerRule(  # the awards of a round are those that the version of its result has published that counts
        "result_wrong",
        """SELECT 'proposal ' || g.proposal_id, 'version ' || v.number || ' of the result publishes '
                  || coalesce(g.amount, 0) || ', its award is ' || coalesce(a.amount, 0)
           FROM result_version v JOIN published_ranking g ON g.result_version_id = v.id
           LEFT JOIN award a ON a.proposal_id = g.proposal_id AND a.round_id = v.round_id
           WHERE NOT EXISTS (SELECT FROM reopened_result o WHERE o.result_version_id = v.id)
             AND (a.result_version_id IS DISTINCT FROM CASE WHEN g.amount IS NOT NULL THEN v.id END
                  OR (a.prize_id, a.position, a.tie_rank, a.amount, a.fee)
                      IS DISTINCT FROM (g.prize_id, g.position, g.tie_rank, g.amount, g.fee))""",
    ),
    LedgerRule(  # a case shows the challenge's dates, and has none of its own
        "silence_case_wrong",
        """SELECT 'challenge ' || c.id, 'the case about its silent sponsor does not follow its dates' FROM "case" k
           JOIN challenge c ON c.id = k.subject_id
           WHERE k.kind = 'silent_sponsor' AND k.state = 'pending' AND (
               c.decision_due_at IS NULL OR c.decision_due_at > crowd_now() OR c.state IN ('decided', 'settled')
               OR EXISTS (SELECT FROM case_step s WHERE s.case_id = k.id
                          AND s.due_at IS DISTINCT FROM coalesce(c.silence_at, c.decision_due_at)))""",
    ),
    LedgerRule(
        "place_missing",
        """SELECT 'proposal ' || p.id, 'decided, without a published place' FROM proposal p
           JOIN challenge c ON c.id = p.challenge_id LEFT JOIN published_ranking g ON g.proposal_id = p.id
           WHERE p.state = 'submitted' AND c.state IN ('decided', 'settled') AND g.id IS NULL""",
    ),
)
LATE = {  # (state, the time that has passed): what did not happen
    ("funded", "opens_at"): "should be open",
    ("open", "closes_at"): "should be closed",
    ("approved", "funding_due_at"): "should be a draft again",
    ("judging", "silence_at"): "should be decided by its contract",
    ("decided", "appeals_until"): "should be settled",
}
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


def findings() -> list[LedgerFinding]:
    """Every broken invariant of challenges and their judging, named; warnings for what is stuck."""
    found: list[LedgerFinding] = []
    for rule in RULES:
        rows = db.session.execute(sa.text(f"{rule.sql} LIMIT {MAX_FINDINGS}"))
        found.extend(LedgerFinding(rule.name, subject, detail) for subject, detail in rows)
    return found + _published() + _late() + _unformed() + _undecided()


def _published() -> list[LedgerFinding]:
    found = []
    for rule in PUBLISHED:
        rows = db.session.execute(sa.text(f"{rule.sql} LIMIT {MAX_FINDINGS}"))
        found += [LedgerFinding(rule.name, subject, detail, True) for subject, detail in rows]
    return found


def _late() -> list[LedgerFinding]:
    found = []
    for (state, column), what in LATE.items():
        where = (
            f"state = '{state}' AND {column} < :before AND coalesce(held_at, payment_held_at, unverified_at) IS NULL"
        )
        found += _standing_still(where, HOUR, f"{what} for more than an hour")
    found += _standing_still("held_at < :before", WEEK, "waits for the council for more than a week")
    return found + _standing_still(
        "payment_held_at < :before", 4 * WEEK, "its payment is held for more than four weeks"
    )


def _unformed() -> list[LedgerFinding]:
    where = "state = 'judging' AND panel_formed_at IS NULL AND closed_at < :before"
    return _standing_still(where, HOUR, "without a panel for more than an hour")


def _undecided() -> list[LedgerFinding]:
    return _standing_still(
        "state = 'judging' AND decision_due_at < :before AND silence_at IS NULL",
        WEEK,
        "not decided a week after it was due",
    )


def _standing_still(where: str, age: timedelta, detail: str) -> list[LedgerFinding]:
    query = sa.text(f"SELECT id FROM challenge WHERE {where} ORDER BY id LIMIT {MAX_FINDINGS}")  # noqa: S608 - constants only
    rows = db.session.execute(query, {"before": clock.now() - age})
    return [LedgerFinding("stuck", f"challenge {row[0]}", detail, True) for row in rows]
