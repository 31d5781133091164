"""Entering: whether somebody may, and what they answer and give where the contract asks for it."""
