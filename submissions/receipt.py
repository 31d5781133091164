"""The contents of a receipt: one digest over a version's text and files, which anybody can compute again.

The document is JSON with sorted keys, no spaces and UTF-8 letters as they are (the parts of RFC 8785 that strings and
lists need), so that `sha256sum` of the downloaded document is the digest on the receipt.
"""

import hashlib
import json

from submissions.models import ProposalVersion


def document(version: ProposalVersion) -> bytes:
    """The version as canonical JSON: language, title, abstract, body, and each file's name and SHA-256, by name; and,
    once submitted, the version of the contract that it rests on.
    """
    files = sorted((entry.file.name, entry.file.digest) for entry in version.files)
    content: dict[str, object] = {
        "proposal": version.proposal_id,
        "version": version.number,
        "language": version.language,
        "title": version.title,
        "abstract": version.abstract,
        "body": version.body,
        "files": [{"name": name, "sha256": digest} for name, digest in files],
    }
    if version.contract_version is not None:
        content["contract"] = {"version": version.contract_version.number, "sha256": version.contract_version.digest}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(version: ProposalVersion) -> str:
    """SHA-256 of the document, in hex."""
    return hashlib.sha256(document(version)).hexdigest()


def stamp(version: ProposalVersion) -> str:
    """Identifies the text of a version, so that an editor can say which text it was opened with."""
    text = json.dumps([version.language, version.title, version.abstract, version.body], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
