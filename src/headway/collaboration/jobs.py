"""What the worker does for collaboration: look at new events, remind, send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from headway.collaboration.letters import Translate
from headway.collaboration.service.delivering import JOB, deliver, has_mail, queue_due
from headway.collaboration.service.reminding import remind, tell_jobs
from headway.collaboration.service.telling import tell
from headway.kernel.jobs import JobContext, JobFunction
from headway.kernel.web import Parts

DELIVERY = JOB
_ROUNDS = 50


def delivery_job(translator: Callable[[str], Translate]) -> JobFunction:
    """The job that hands one message over; ``translator`` gives the translation into a language."""

    def run(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
        return context.step("send", lambda: deliver(context.parts, payload["batch"], translator))

    return run


def notify_due(parts: Parts) -> None:
    """Tell people what is new, remind them, and queue what is due; safe to repeat and to run in two processes at once."""
    mails = has_mail(parts.settings)
    for _ in range(_ROUNDS):
        with parts.database.session() as session:
            if tell(session, parts.subjects, has_mail=mails) == 0:
                break
    with parts.database.session() as session:
        tell_jobs(session, parts.jobs, has_mail=mails)
    with parts.database.session() as session:
        remind(session, has_mail=mails)
    with parts.database.session() as session:
        queue_due(session, parts.jobs)
