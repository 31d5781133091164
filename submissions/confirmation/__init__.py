"""The service centre confirms each registration, where the contract says so. Nouns: Confirmation, of a registration.

`ask` is called by the registration, `confirm` and `refuse` by the service centre's page; until it is confirmed,
`submission_errors` lets nothing be submitted.
"""
