"""What can be saved of a request that is rejected for its size: the text that a browser sends before the first file.

The rest is read and dropped, because a browser shows no response before it has sent everything; never more than twice
what a request may have, so that a thread is busy no longer than with an allowed upload.
"""

from collections.abc import Iterator

from flask import request
from werkzeug.sansio.multipart import Data, Field, File, MultipartDecoder, NeedData

from crowd import text

TEXT_BYTES = 2 * 2**20  # of the request that are searched for its text
CHUNK = 64 * 1024


def typed_fields() -> list[tuple[str, str]]:
    """The fields before the first file of the request, as (name, text); empty where it was rejected for
    another reason.
    """
    most, size = request.max_content_length, request.content_length
    if not most or not size or size <= most:
        return []
    boundary = request.mimetype_params.get("boundary", "").encode("latin-1", "ignore")
    chunks = _chunks(2 * most)
    found: list[tuple[str, str]] = []
    if request.mimetype == "multipart/form-data" and boundary:
        found = list(_fields(MultipartDecoder(boundary), chunks))
    for _dropped in chunks:
        pass
    return found


def _chunks(most: int) -> Iterator[bytes]:
    """The body as far as it is read; it may end early with the connection."""
    stream = request.environ["wsgi.input"]
    while most > 0:
        try:
            chunk = stream.read(min(CHUNK, most))
        except OSError:
            return
        if not chunk:
            return
        most -= len(chunk)
        yield chunk


def _fields(decoder: MultipartDecoder, chunks: Iterator[bytes]) -> Iterator[tuple[str, str]]:
    name, value = "", b""
    try:
        for event in _events(decoder, chunks):
            if isinstance(event, Field):
                name, value = event.name or "", b""
            elif isinstance(event, Data):
                value += event.data
                if not event.more_data:
                    yield name, text.clean(value.decode("utf-8", "replace"))
            elif isinstance(event, File):
                return
    except ValueError:  # not a readable form
        return


def _events(decoder: MultipartDecoder, chunks: Iterator[bytes]) -> Iterator[object]:
    read = 0
    for chunk in chunks:
        decoder.receive_data(chunk)
        while not isinstance(event := decoder.next_event(), NeedData):
            yield event
        read += len(chunk)
        if read >= TEXT_BYTES:
            return
