"""Flask, which remembers the addresses that it has built: a page has dozens of them, and most stand on every page."""

from functools import lru_cache
from itertools import chain
from typing import Any

from flask import Flask, has_request_context, request

MOST_REMEMBERED = 4096  # addresses; the ones that were not asked for the longest go first


class Application(Flask):
    """The application of every process."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._address = lru_cache(MOST_REMEMBERED, typed=True)(self._build)  # typed: 1 and True are not one address

    def url_for(self, endpoint: str, **values: Any) -> str:  # type: ignore[override]
        """The address of an endpoint, built once where nothing but endpoint and values decides about it.

        Such an address needs no request that could be understood: error pages ask for some.
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
