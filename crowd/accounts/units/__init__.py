"""Crowdsourcing centres: units of the operator with a region and staff. Nouns: unit, member, queue, hand-over.

Operations: add and edit a unit, add and remove staff, hand work over. A unit orders the work of the service centre and
gives no right. Used by verification, and by challenges for screening.
"""
