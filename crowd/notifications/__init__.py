"""Notifications to people. Nouns: Notification (inbox), Mail (outbox).

Operations: notify, mail, read. Used by every package's `notifications.py`, and by each person's inbox.
It knows recipients by value (id, email address, language), not accounts.
"""
