"""`crowd backup` and `crowd restore`: the whole platform as one file, and back into an empty place.

The file is a tar: the database as pg_dump writes it, every stored file under its digest, and last a manifest with the
version, the migration, the counts of rows and the digest of each member; the manifest's name carries its own digest.
The dump is one snapshot and the files that it names are copied after it: they are only ever added, so nothing that the
dump names can be missing. The secret is not in the file, and neither are roles and passwords of the database.
"""
