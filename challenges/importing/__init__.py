"""Reading the feed of another platform: Challenge.gov's list of challenges.

Nouns: Feed, Row, BadRow, Understood, Problem. Operations: read a file, understand a row, digest a row.
Text in, frozen dataclasses out: nothing here knows the database, a request or the present time.
What could not be understood is never guessed silently: it is a Problem that names the field, a reason and the text.
`feed` opens the file, `mapping` puts a row together from `dates`, `prizes`, `challenge_types` and `richtext` (which
parses with `markup` and writes with `html_builder`).
"""
