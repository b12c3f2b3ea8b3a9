"""Durable jobs: enqueued in the caller's transaction, run step by step, taken up again after a crash.

``Jobs`` is the door, ``JobContext`` is what a job function works with. DBOS does the driving and is named only here.
"""

from headway.kernel.jobs.context import JobContext
from headway.kernel.jobs.door import JobFunction, Jobs
from headway.kernel.jobs.engine import migrate
from headway.kernel.jobs.entities import Job, JobStatus, StepView
from headway.kernel.jobs.store import taken_by

__all__ = ["Job", "JobContext", "JobFunction", "JobStatus", "Jobs", "StepView", "migrate", "taken_by"]
