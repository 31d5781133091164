"""Notifications: what people are told. Nouns: Notification (inbox), Mail (outbox).

Verbs: notify, mail, read. Who comes here: every room's `notifications.py`, and each person's inbox.
It knows recipients by value (id, address, language), not accounts.
"""
