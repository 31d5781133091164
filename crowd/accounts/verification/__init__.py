"""What shows that an organisation is what it claims to be. Nouns: registration number, contact, document.

Operations: name the registration and the contact, add and remove a document.
Used by the organisation's owners, who give it, and by the service centre, which verifies by it.
"""
