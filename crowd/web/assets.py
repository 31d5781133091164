"""Static files: each at a URL that contains its digest, compressed once, served by WhiteNoise before Flask.

`build` copies our own files and Bootstrap's stylesheet into a folder named after all their contents, beside a gzip of
each. It runs when the application starts, costs some milliseconds the first time and nothing afterwards.
"""

import gzip
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import flask_bootstrap
from flask import Flask, current_app
from whitenoise import WhiteNoise

OWN = Path(__file__).resolve().parent.parent / "static"
BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static/bootstrap5/css/bootstrap.min.css"
PREFIX = "/static/"
FINGERPRINTED = re.compile(r"/[\w-]+\.[0-9a-f]{8}\.\w+$")


def sources() -> dict[str, Path]:
    """The files that pages may name, by the name they use."""
    return {"bootstrap.css": BOOTSTRAP} | {path.name: path for path in sorted(OWN.iterdir()) if path.is_file()}


def fingerprint(name: str, content: bytes) -> str:
    """`crowd.css` -> `crowd.1f2e3d4c.css`: a changed file has another URL, so browsers may cache it for ever."""
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:8]}{dot}{ending}"


def build(target: Path) -> tuple[Path, dict[str, str]]:
    """Write all files below `target`; return the folder and the table name -> fingerprinted name.

    Several processes may build at once: each writes aside and renames, and the first one wins.
    """
    contents = {name: _content(name, path) for name, path in sources().items()}
    names = {name: fingerprint(name, content) for name, content in contents.items()}
    folder = target / hashlib.sha256(" ".join(sorted(names.values())).encode()).hexdigest()[:12]
    if not folder.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=target))
        for name, content in contents.items():
            (aside / names[name]).write_bytes(content)
            (aside / f"{names[name]}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        try:
            os.rename(aside, folder)
        except OSError:
            shutil.rmtree(aside)
    return folder, names


def _content(name: str, path: Path) -> bytes:
    """The file as it is served; Bootstrap's pointer to its source map would only be a dead link."""
    content = path.read_bytes()
    return re.sub(rb"/\*# sourceMappingURL=.*?\*/", b"", content) if name == "bootstrap.css" else content


def asset(name: str) -> str:
    """The URL of a static file. Raises KeyError for a name that does not exist."""
    table: Mapping[str, str] = current_app.extensions["crowd_assets"]
    return PREFIX + table[name]


def register(app: Flask) -> None:
    """Build into the data folder and let WhiteNoise answer below `/static/` before Flask is asked."""
    folder, names = build(app.config["CROWD"].data_dir / "static")
    app.extensions["crowd_assets"] = names
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(folder),
        prefix=PREFIX,
        max_age=3600,
        allow_all_origins=False,
        immutable_file_test=lambda _path, url: bool(FINGERPRINTED.search(url)),
        add_headers_function=lambda headers, _path, _url: headers.add_header("X-Content-Type-Options", "nosniff"),
    )
