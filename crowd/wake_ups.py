"""Wake-ups: messages to workers, in RQ's queues, that a job is due.

One that Redis has lost is sent again by the scheduler.
"""

import logging
import secrets
from collections.abc import Mapping
from typing import Any

import redis
from flask import current_app
from rq import Queue
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)
FIRST, QUEUE = "crowd-first", "crowd"  # RQ's queues; workers look into the first before the other
TIMEOUT = 0.5  # a hung Redis may cost a write half a second, no more


def send(jobs: Mapping[int, str], function: str, *, again: bool = False) -> bool:
    """Let workers call the function (its dotted name) with the id of each job (id: name of its queue).

    False (and a warning) where Redis is away.

    `again` skips jobs whose wake-up is still in a queue; without that, a long queue would grow by itself.
    """
    try:
        for queue in queues():
            waiting = {name.partition("-")[0] for name in queue.get_job_ids()} if again and jobs else set()
            ids = [job_id for job_id, name in jobs.items() if name == queue.name and str(job_id) not in waiting]
            queue.enqueue_many([_wake_up(job_id, function) for job_id in ids])
    except redis.RedisError as error:
        log.warning("Redis is away, the scheduler will wake workers for jobs %s: %s", list(jobs), error)
        return False
    return True


def queues() -> list[Queue]:
    """RQ's queues, in the order in which workers read them."""
    return [Queue(name, connection=connection(), serializer=JSONSerializer) for name in (FIRST, QUEUE)]


def drop() -> None:
    """Remove all wake-ups from the queues. Raises RedisError. The scheduler sends them again for due jobs."""
    for queue in queues():
        queue.empty()


def connection() -> redis.Redis:
    """The web side's connection to Redis, with short timeouts; one pool a process."""
    pool = current_app.extensions.get("crowd.redis")
    if pool is None:
        url = current_app.config["CROWD"].redis_url
        pool = redis.ConnectionPool.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
        current_app.extensions["crowd.redis"] = pool
    return redis.Redis(connection_pool=pool)


def _wake_up(job_id: int, function: str) -> Any:
    name = f"{job_id}-{secrets.token_hex(6)}"  # RQ's own name of it: the row's number, and one name per wake-up
    return Queue.prepare_data(function, (job_id,), job_id=name, result_ttl=0, failure_ttl=0, timeout=3600)
