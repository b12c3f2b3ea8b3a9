"""Dividing a process's CPU time among the steps that run at the same time."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

from headway.kernel.jobs.metering import Meter, process_seconds


class Clock:
    """CPU seconds that a test sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_steps_that_overlap_share_and_nothing_is_lost_or_counted_twice() -> None:
    spent = Clock()
    meter = Meter(spent)
    spent.seconds = 5.0  # before any step: nobody's
    with ExitStack() as first, ExitStack() as second:
        one = first.enter_context(meter.measured())
        spent.seconds = 8.0
        other = second.enter_context(meter.measured())
        spent.seconds = 10.0
        first.close()
        spent.seconds = 14.0
        second.close()
    spent.seconds = 99.0
    assert (one.cpu_seconds, other.cpu_seconds) == (4.0, 5.0)
    with meter.measured() as later:
        spent.seconds = 100.0
    assert later.cpu_seconds == 1.0 and (one.cpu_seconds, other.cpu_seconds) == (4.0, 5.0)


def test_a_step_that_fails_is_measured_too() -> None:
    spent = Clock()
    meter, readings = Meter(spent), []
    try:
        with meter.measured() as reading:
            readings.append(reading)
            spent.seconds = 3.0
            raise ValueError("broken")
    except ValueError:
        pass
    assert readings[0].cpu_seconds == 3.0


def test_threads_at_work_add_up_to_what_the_process_took() -> None:
    meter, readings = Meter(), []
    began = process_seconds()

    def work() -> None:
        with meter.measured() as reading:
            until = time.thread_time() + 0.05
            while time.thread_time() < until:
                sum(range(1000))
        readings.append(reading)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    together = sum(one.cpu_seconds for one in readings)
    assert 0.1 < together <= process_seconds() - began + 0.02
