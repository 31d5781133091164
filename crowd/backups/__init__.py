"""`crowd backup` and `crowd restore`: save the whole platform in one file, and restore it into an empty platform.

The file is a tar: the database as pg_dump writes it, every stored file under its digest, and last a manifest with the
version, the migration, the counts of rows and the digest of each member; the manifest's name carries its own digest.
The dump is one snapshot, and the files that it refers to are copied after it: files are only added, so nothing that the
dump refers to can be missing. The secret is not in the file, and neither are roles and passwords of the database.
"""
