"""Where nobody decides in time: reminders before, and what the contract says of it after. Jobs carry it out as the
platform, with the operations by which people decide. `kind` and `cases`: the case that shows it.
"""
