"""The chapters of the story, in the order in which they begin: one file each, each with `scripts(theatre, end)`.

To add to the story, write a file whose `scripts` returns generators (see `crowd.demo.stage`) and name it in CHAPTERS.
"""
