"""Reading the feed of another platform: Challenge.gov's list of challenges.

Nouns: Feed, Row, BadRow, Understood, Problem. Verbs: read a file, understand a row, digest a row.
Text comes in and frozen dataclasses go out: nothing here knows the database, a request or the present time.
What could not be understood is never guessed silently: it is a Problem that names the field, a reason and the text.
`feed` opens the file, `understanding` puts a row together from `dates`, `prizes`, `kinds` and `richtext` (which reads
by `markup` and writes by `writer`).
"""
