"""Service platforms: agencies, parks, institutes and universities whose services to firms the departments of their
region recognise together. Nouns: application, department, signature, entry.

Operations: apply (a joint case of `crowd.cases`), enter who was recognised. What is entered is an entry of
`crowd.registers`, with the departments that have signed.
"""
