"""The administrator's pages of people and roles."""
