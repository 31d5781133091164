"""Logs: one line per event on standard error, as JSON for machines or as text for people, with its context.

A line never contains what people wrote, codes or email addresses: a request is named by its endpoint and its rule (not
its path, which may hold a code), a database error by its number and the constraint (not by the row that broke it), and
what looks like an e-mail address or a code in any message is masked, also in messages of libraries.
"""

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from flask import g, has_app_context, has_request_context, request
from sqlalchemy.exc import DBAPIError

from crowd.config import Settings

EXTRAS = ("method", "route", "status", "milliseconds", "attempt", "ids")  # what a call may pass by `extra=`
TAKEN_OVER = ("gunicorn.error", "py.warnings")  # loggers of libraries that would write in a form of their own
DIAGNOSIS = ("sqlstate", "table_name", "column_name", "constraint_name")  # what PostgreSQL names, without values
MAX_MESSAGE_LENGTH = 1000  # characters of a message; a trace may be longer
ADDRESS = re.compile(r"[^\s@<>\"'(){}\[\],;:=]+@[^\s@<>\"'(){}\[\],;:=]+")
CODE = re.compile(r"(?<![\w.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,}(?:\.[\w-]+)*")


def configure(settings: Settings) -> None:
    """Send the logs of this process to standard error. Calling it again changes format and level, without duplicate
    lines.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if settings.logs_as == "json" else TextFormatter())
    handler.addFilter(_add_context)
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(settings.effective_log_level)
    if settings.logs_as == "json":
        logging.captureWarnings(True)
        for name in TAKEN_OVER:
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.propagate = True
        sys.excepthook = _uncaught
        threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def say(words: str) -> None:
    """A message of the supervisor: a line of the log where that is JSON, else plain words."""
    if any(isinstance(handler.formatter, JsonFormatter) for handler in logging.root.handlers):
        logging.getLogger("crowd").warning("%s", words)
    else:
        print(f"crowd: {words}", file=sys.stderr, flush=True)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is None or issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    logging.getLogger("crowd").critical("ended by an error", exc_info=(kind, error, trace))


def _add_context(record: logging.LogRecord) -> bool:
    """Add the request, the job and the person to a log record."""
    record.context = dict(_context()) if has_app_context() else {}
    return True


def _context() -> Iterator[tuple[str, Any]]:
    """What is known of the present work, without a query."""
    if g.get("request_id"):
        yield "request_id", g.request_id
    if g.get("job"):
        yield from zip(("job_id", "job_kind"), g.job, strict=True)
    if has_request_context() and request.endpoint:
        yield "endpoint", request.endpoint
    person = sa.inspect(g.get("_login_user"), raiseerr=False)
    identity = getattr(person, "identity", None)
    if identity:
        yield "user_id", identity[0]


class TextFormatter(logging.Formatter):
    """A line for a person: level, logger, message, and the request's or job's id where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{record.levelname} {record.name}: {message_of(record)}"
        took = getattr(record, "milliseconds", None)
        found = getattr(record, "context", {}).get("request_id")
        line += (f" {took} ms" if took is not None else "") + (f" [{found}]" if found else "")
        trace = trace_of(record)
        return f"{line}\n{trace}" if trace else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, then the context, then what the call handed over."""

    def format(self, record: logging.LogRecord) -> str:
        whole: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
            **getattr(record, "context", {}),
        }
        whole |= {name: getattr(record, name) for name in EXTRAS if getattr(record, name, None) is not None}
        trace = trace_of(record)
        if trace:
            whole["error"] = trace
        return json.dumps(whole, ensure_ascii=False, default=str)


def message_of(record: logging.LogRecord) -> str:
    """A record's message with errors in safe words, and email addresses and codes masked."""
    args = record.args
    if isinstance(args, tuple):
        args = tuple(words_of(arg) if isinstance(arg, BaseException) else arg for arg in args)
    try:
        message = str(record.msg) % args if args else str(record.msg)
    except (TypeError, ValueError):
        message = str(record.msg)
    return masked(message)[:MAX_MESSAGE_LENGTH]


def words_of(error: BaseException) -> str:
    """What went wrong, without the values involved."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    diagnosis = getattr(cause, "diag", None)
    told = " ".join(filter(None, (getattr(diagnosis, name, None) for name in DIAGNOSIS)))
    return told or masked(str(cause).strip().partition("\n")[0])[:300]


def masked(text: str) -> str:
    """The text without e-mail addresses, and without what is long and mixed enough to be a code or a token."""
    return CODE.sub("[code]", ADDRESS.sub("[address]", text))


def trace_of(record: logging.LogRecord) -> str:
    """Where an error came from, with the errors that led to it, oldest first; empty where there is none."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    parts: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = "".join(traceback.format_tb(error.__traceback__))
        parts.append(f"{frames}{type(error).__name__}: {words_of(error)}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(reversed(parts))
