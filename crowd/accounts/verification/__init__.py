"""Verification of organisations. Nouns: registration number, contact, document.

Operations: state the registration and the contact, add and remove a document.
Used by those who describe the organisation, who give it, and by the service centre, which verifies by it.
"""
