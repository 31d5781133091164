"""Pages are sent compressed. A random name in gzip's header blurs the length, so that it reveals nothing about a page's
secrets (the BREACH attack); static files are compressed beforehand by `crowd.web.assets`.
"""

import gzip
import io
import secrets

from flask import Flask, Response, request

TEXT = {"text/html", "application/json", "image/svg+xml", "application/atom+xml", "text/calendar"}
WORTHWHILE = 1024  # bytes; below this gzip hardly helps
LEVEL = 1  # a page is a tenth larger than at 5, in half the time
BLUR = 96  # at most so many bytes are added


def compress(response: Response) -> Response:
    """Compress a whole answer of text where the browser accepts it; streams, partial responses and what must not be
    transformed stay unchanged.
    """
    if (
        response.mimetype not in TEXT
        or response.is_streamed
        or response.direct_passthrough
        or response.status_code in (204, 206, 304)
        or "Content-Encoding" in response.headers
        or response.cache_control.no_transform
    ):
        return response
    response.vary.add("Accept-Encoding")
    content = response.get_data()
    if len(content) < WORTHWHILE or "gzip" not in request.accept_encodings:
        return response
    response.set_data(_gzip(content))
    response.headers["Content-Encoding"] = "gzip"
    return response


def _gzip(content: bytes) -> bytes:
    buffer = io.BytesIO()
    name = secrets.token_hex(BLUR // 2)[: secrets.randbelow(BLUR) + 1]
    with gzip.GzipFile(filename=name, mode="wb", compresslevel=LEVEL, fileobj=buffer, mtime=0) as packed:
        packed.write(content)
    return buffer.getvalue()


def register(app: Flask) -> None:
    """Compress every answer of the application; register it first, for Flask calls the first one last."""
    app.after_request(compress)
