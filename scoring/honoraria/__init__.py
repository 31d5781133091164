"""Reviewers' fees: what each review earns is fixed when a reviewer is asked, and paid where it came in time, once the
decision is published or the challenge is cancelled.
"""
