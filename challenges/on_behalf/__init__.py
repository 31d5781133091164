"""Challenges that a park posts for a member firm, with the firm's consent to the text that is submitted.

Operations: choose the firm, consent, withdraw the consent. Used by the people of the park and of the firm.
"""
