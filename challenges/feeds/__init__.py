"""What programs read of challenges: the list and a history as Atom, the dates as a calendar. Only what is public."""
