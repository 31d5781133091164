"""In-kind support: instrument hours, tests, space. A sponsor names in the draft who grants what (a `SupportLine`, which
becomes a clause of the contract); a grantor other than the sponsor agrees before the challenge is submitted. Each party
that has registered, or is awarded, gets a `Voucher`, which it redeems at the grantor and the grantor confirms. No money
is posted.
"""
