"""Flask as this platform uses it: its routes read their values by our converters, and built URLs are remembered.

A page has dozens of URLs, and most of them stand on every page.
"""

import re
from functools import lru_cache
from itertools import chain
from typing import Any

from flask import Flask, Request, has_request_context, request

from crowd.web import converters

MOST_REMEMBERED = 4096  # addresses; the ones that were not asked for the longest go first


class SafeRequest(Request):
    """A request whose query can always be read: bytes that should have been quoted are, whether UTF-8 or not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.query_string = re.sub(rb"[^\x21-\x7e]", lambda byte: b"%%%02X" % byte[0][0], self.query_string)


class Application(Flask):
    """The application of every process."""

    request_class = SafeRequest

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        converters.register(self.url_map)
        self._address = lru_cache(MOST_REMEMBERED, typed=True)(self._build)  # typed: 1 and True are not one address

    def url_for(self, endpoint: str, **values: Any) -> str:  # type: ignore[override]
        """The address of an endpoint, built once where nothing but endpoint and values decides about it."""
        special = endpoint.startswith(".") or any(name.startswith("_") and values[name] for name in values)
        if special or not has_request_context() or request.script_root:
            return super().url_for(endpoint, **values)
        try:
            return self._address(endpoint, *chain.from_iterable(values.items()))
        except TypeError:  # a list, which cannot be a key
            return super().url_for(endpoint, **values)

    def _build(self, endpoint: str, *words: Any) -> str:
        return super().url_for(endpoint, **dict(zip(words[::2], words[1::2], strict=True)))
