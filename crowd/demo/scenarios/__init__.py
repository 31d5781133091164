"""The scenarios of the demonstration, in the order in which they begin: one file each, with `scripts(simulator, end)`.

To add one, write a file whose `scripts` returns generators (see `crowd.demo.simulator`) and add it to `SCENARIOS`.
Reviewers are the platform's own choice; where row ids differ, the same reviews come from other reviewers.
"""
