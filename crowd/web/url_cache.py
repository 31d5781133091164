"""Flask as this platform uses it: its routes parse values with our converters, built URLs are cached, because a
page has dozens of them and most are on every page; and it reads no more of a form than the settings allow, whichever
way the form is encoded.
"""

import io
import re
from collections.abc import Callable
from functools import lru_cache
from itertools import chain
from typing import IO, Any

from flask import Flask, Request, has_request_context, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.routing import Rule

from crowd.web import converters

MAX_REMEMBERED = 4096  # URLs; the least recently used are dropped first


class FormReader(FormDataParser):
    """Counts the bytes and fields of a form before they are parsed; Werkzeug does so for multipart forms alone."""

    def parse(self, stream: IO[bytes], mimetype: str, *details: Any, **options: Any) -> Any:
        """The form in `stream`. Raises RequestEntityTooLarge."""
        if mimetype == "application/x-www-form-urlencoded":
            most, fields = self.max_form_memory_size or 0, self.max_form_parts or 0
            body = stream.read(most + 1)
            if len(body) > most or body.count(b"&") >= fields:
                raise RequestEntityTooLarge
            stream = io.BytesIO(body)
        return super().parse(stream, mimetype, *details, **options)


class SafeRequest(Request):
    """A request whose form is read by `FormReader`, and whose query can always be read: bytes that should have been
    quoted are, whether UTF-8 or not.
    """

    form_data_parser_class = FormReader

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.query_string = re.sub(rb"[^\x21-\x7e]", lambda byte: b"%%%02X" % byte[0][0], self.query_string)


class LateRule(Rule):
    """A rule whose function that builds URLs is compiled with the first of them: compiling those of all rules took two
    thirds of the time in which an application is made, and no process builds URLs of each.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        name, compiled = "_build_unknown" if append_unknown else "_build", super()._compile_builder

        def build(self: "LateRule", **values: Any) -> tuple[str, str]:
            setattr(self, name, compiled(append_unknown).__get__(self, None))
            return getattr(self, name)(**values)

        return build


class Application(Flask):
    """The application of every process."""

    request_class = SafeRequest
    url_rule_class = LateRule

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        converters.register(self.url_map)
        self._address = lru_cache(MAX_REMEMBERED, typed=True)(self._build)  # typed: 1 and True are not the same URL

    def url_for(self, endpoint: str, **values: Any) -> str:
        """The URL of an endpoint, built once where it depends only on endpoint and values.

        Such a URL needs no valid request: error pages use some.
        """
        special = endpoint.startswith(".") or any(name.startswith("_") and values[name] for name in values)
        if special or not has_request_context():
            return super().url_for(endpoint, **values)
        try:
            return self._address(request.script_root, endpoint, *chain.from_iterable(values.items()))
        except TypeError:  # a list, which cannot be a key
            return super().url_for(endpoint, **values)

    def _build(self, root: str, endpoint: str, *words: Any) -> str:
        values = dict(zip(words[::2], words[1::2], strict=True))
        return self.url_map.bind("localhost", script_name=root or None).build(endpoint, values)
