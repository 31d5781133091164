"""Questions about an open challenge, with their answers, and the sponsor's updates.

Anybody asks, the service centre publishes or rejects, the sponsor answers; who asked is known to the centre alone.
Nothing is edited: what was wrong is answered again, or becomes a version of the contract.
"""
