"""What a person may take with them and have deleted. Noun: DataExport.

Operations: request an export, delete it, delete the account. Each package declares in its manifest what it knows of a
person (`personal_data`) and what it deletes with them (`erasures`). Used by every person for their own account, and by
the operator's command `crowd user erase`.
"""
