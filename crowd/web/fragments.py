"""Fragments of pages that are the same for many readers, cached briefly in the memory of this process.

A busy home page, list or challenge is then rendered once in `page_seconds`, whatever the number of visitors and the
size of its tables. A fragment may be cached only if it names no reader, contains no token and depends on no right;
where rights decide its content, they are part of the key.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from flask import Flask, current_app
from markupsafe import Markup

from crowd.web.request_locale import reader

MAX_FRAGMENTS = 200  # fragments; the oldest are dropped first

Key = tuple[Hashable, ...]


class FragmentCache:
    """The cache of one process, with times (seconds of its own clock)."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, tuple[float, Markup]] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Key, seconds: float) -> Markup | None:
        """The fragment, where it is younger than that."""
        since, fragment = self._kept.get(key, (0.0, None))
        return fragment if fragment is not None and time.monotonic() - since < seconds else None

    def keep(self, key: Key, fragment: Markup) -> None:
        """Store it from now on."""
        with self._lock:
            self._kept[key] = time.monotonic(), fragment
            self._kept.move_to_end(key)
            while len(self._kept) > MAX_FRAGMENTS:
                self._kept.popitem(last=False)


def register(app: Flask) -> None:
    """Give the application its cache, and templates `{% call kept(...) %}`."""
    app.extensions["crowd.fragments"] = FragmentCache()
    app.jinja_env.globals["cached"] = lambda *about, caller: cached(caller, *about)


def cached(make: Callable[[], str], *about: Hashable) -> Markup:
    """What `make` renders about these, in the reader's language and zone; at most `page_seconds` old.

    `about` names the fragment and holds everything that decides its content, such as the version of the row that it
    shows.
    """
    seconds = current_app.config["CROWD"].fragment_seconds
    if not seconds:
        return Markup(make())  # noqa: S704 - a rendered template
    fragments: FragmentCache = current_app.extensions["crowd.fragments"]
    who = reader()
    key = *about, who.name, str(who.zone)
    found = fragments.find(key, seconds)
    if found is None:
        found = Markup(make())  # noqa: S704 - a rendered template
        fragments.keep(key, found)
    return found
