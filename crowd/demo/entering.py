"""What a challenge of the demonstration asks of those who enter, what only they may read, and how they enter."""

import io
import struct
import zlib
from dataclasses import dataclass

from challenges import services as challenges
from challenges.brief import Changes
from challenges.contract import queries as contracts
from challenges.entry import services as entry
from challenges.entry.clause import AttachmentLine, DocumentLine, QuestionLine, Readership
from challenges.entry.models import Attachment
from challenges.models import Challenge
from crowd import files
from crowd.accounts.models import User
from crowd.db import db
from crowd.demo import personas
from submissions import services as submissions
from submissions.models import Registration


@dataclass(frozen=True)
class EntryTerms:
    """Of one challenge, by the key of its text. `files` are (name, audience, bytes)."""

    question: str
    answer: str
    document: str
    nda: str
    full_text: str
    files: tuple[tuple[str, str, bytes], ...]


def _heat_map(width: int = 240, height: int = 90) -> bytes:
    """A picture as an infrared camera takes it: a warm pipe, and a spot that is too warm."""

    def warmth(x: int, y: int) -> int:
        pipe = max(0, 110 - 7 * abs(y - 45 - (x - 120) // 12))
        spot = max(0, 180 - (x - 170) ** 2 // 3 - (y - 50) ** 2 // 2)
        return min(255, 30 + pipe + spot)

    rows = b"".join(
        b"\0" + b"".join(bytes((w, w * w // 300, 120 - w // 3)) for w in (warmth(x, y) for x in range(width)))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


LEAKS = "日期,管段,深度（米）\n2024-01-09,K3+410,1.6\n2025-02-02,K5+120,1.8\n"
MAINS = "管段,管径,埋深（米）\nK3+200,DN800,1.7\nK3+450,DN800,1.6\n"
TERMS = {
    "heat-drone": EntryTerms(
        question="做过几次同规模热网的夜间巡检？各在哪一年？",
        answer="两次：2024年一次80公里，2025年一次140公里。",
        document="无人机操控员执照",
        nda=(
            "管线走向、埋深和换热站位置属于城市供热安全信息。签署人只为编写本榜题的方案使用这些资料，不向他人提供，"
            "榜题结束后三十日内删除。保密期为三年。"
        ),
        full_text=(
            "## 重点管段\n\n铁西一线 DN800，1996 年直埋，K3+200 至 K5+750；双井支线 DN500，与雨水管交叉 11 处。\n\n"
            "## 换热站\n\n37 座，其中 9 座的回水温度近两季持续偏高，清单见附件。"
        ),
        files=(
            ("红外样图.png", Readership.PUBLIC, _heat_map()),
            ("已知漏点历史.csv", Readership.REGISTERED, LEAKS.encode()),
            ("管网样本.csv", Readership.SIGNED, MAINS.encode()),
        ),
    ),
}  # fmt: skip


def write_terms(key: str, sponsor: User, row: Challenge) -> None:
    """Write what the challenge of this text asks into its draft."""
    terms = TERMS.get(key)
    if terms is None:
        return
    kept = [
        AttachmentLine(id=_attach(sponsor, row, name, data).public_id, audience=audience)
        for name, audience, data in terms.files
    ]
    changes: Changes = {
        "verified_only": True,
        "questions": [QuestionLine(text=terms.question)],
        "documents": [DocumentLine(name=terms.document)],
        "nda": terms.nda,
        "full_text": terms.full_text,
        "full_text_for": Readership.SIGNED,
        "attachments": kept,
    }
    challenges.edit(sponsor, row.id, changes=changes)


def _attach(sponsor: User, row: Challenge, name: str, data: bytes) -> Attachment:
    return entry.attach(sponsor, row.id, stream=io.BytesIO(data), filename=name)


def enter(author: User, number: int, key: str, *, signs: bool = True) -> Registration:
    """Register, with what the challenge of this text asks, and sign its NDA."""
    agency, terms = personas.agency_of(author, number), TERMS.get(key)
    if terms is None:
        return submissions.register(author, number, organisation_id=agency, accepted=True)
    licence = files.keep(io.BytesIO(f"{author.name}\nCN-UAS-2024-{author.id:05}\n".encode()), "licence.txt")
    row = submissions.register(
        author, number, organisation_id=agency, accepted=True, answers={terms.question: terms.answer},
        documents={terms.document: licence},
    )  # fmt: skip
    if signs:
        version = contracts.in_force(db.session.get_one(Challenge, number))
        entry.sign(author, number, name=author.name, contract=version.number)
    return row
