"""The sponsor's numbers: how many registered, asked, followed and wrote, day by day. Only counts, never who.

They are counted from the times of rows that there are; nothing is written when a page is looked at.
"""
