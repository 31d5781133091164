"""Who may enter a challenge, what is asked of them, and what only they may read: the clauses, the full text, the
attachments and the NDA. The sponsor writes these; `submissions.entry` checks them at the registration.
"""
