"""The scenarios of the demonstration, in the order in which they begin: one file each, with `scripts(simulator, end)`.

To add one, write a file whose `scripts` returns generators (see `crowd.demo.simulator`) and name it in CHAPTERS.
What exists stays as it is: random choices are keyed, points and comments stand in the texts. Only who sits on a panel is
the platform's own choice; where its numbers of rows are others, the same reviews come from other reviewers.
"""
