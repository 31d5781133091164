"""Holds of a payment: nothing of a decided challenge is paid or returned while one is open. Noun: hold.

Operations: hold, release. Used by the council and the service centre; the settlement asks whether one is open.
"""
