"""Feeds: what other programs read of the platform, as iCalendar and Atom. Noun: CalendarLink, of a person.

Operations: create and withdraw the link of a private calendar. `calendars` and `atom` write the two formats for all
packages.
"""
