"""The queue of the screening: which challenges wait, and for which unit of the operator.

Operations: hand over. Approving and returning are in `challenges.lifecycle`. Used by the service centre.
"""
