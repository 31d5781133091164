"""The chapters of the story, in the order in which they begin: one file each, each with `scripts(theatre, end)`.

To add to the story, write a file whose `scripts` returns generators (see `crowd.demo.theatre`) and name it in CHAPTERS.
What is told already stays as it is: dice are thrown by keys, points and comments stand in the texts. Only who sits on
a panel is the platform's own choice; where its numbers of rows are others, the same reviews come from other reviewers.
"""
