"""The background thread: keeps out of the way, survives faults, flushes, forgets its jobs in a forked child."""

import os
import threading
import time
from itertools import pairwise

import pytest

from argus._internal.guard import losses
from argus.analysis.worker import Worker


def test_jobs_run_in_order_when_the_process_is_quiet():
    worker, done = Worker(), []
    for number in range(20):
        worker.submit(lambda number=number: done.append(number), lag_s=30)
    assert worker.flush(10)
    assert done == list(range(20))
    assert worker.backlog == 0


def test_nothing_runs_while_a_call_is_open():
    worker, done = Worker(quiet_s=0.001), []
    worker.call_opened()
    worker.submit(lambda: done.append(1), lag_s=60)
    time.sleep(0.05)
    assert done == []
    worker.call_closed()
    while worker.backlog:
        time.sleep(0.001)
    assert done == [1]


def test_overdue_jobs_run_beside_open_calls_but_in_slices():
    worker, moments = Worker(quiet_s=0.001, share=0.1), []
    worker.call_opened()

    def work():
        moments.append(time.monotonic())
        time.sleep(0.01)

    for _ in range(3):
        worker.submit(work, lag_s=0)
    while worker.backlog:
        time.sleep(0.001)
    pauses = [after - before for before, after in pairwise(moments)]
    assert all(pause >= 0.09 for pause in pauses), pauses  # 10 ms of work, then at least 80 ms of rest


def test_flush_does_not_wait_for_quiet():
    worker, done = Worker(), []
    worker.call_opened()
    worker.submit(lambda: done.append(1), lag_s=60)
    assert worker.flush(10)
    assert done == [1]


def test_flush_gives_up_in_time_and_never_waits_for_itself():
    worker, answers = Worker(), []
    release = threading.Event()
    worker.submit(release.wait, lag_s=0)
    assert worker.flush(0.02) is False
    release.set()
    worker.submit(lambda: answers.append(worker.flush()), lag_s=0)
    assert worker.flush(10)
    assert answers == [False]


def test_a_failing_job_is_counted_and_the_next_one_runs():
    worker, done = Worker(), []
    before = losses().get("analysis.worker: ZeroDivisionError", 0)
    worker.submit(lambda: 1 / 0, lag_s=0)
    worker.submit(lambda: done.append(1), lag_s=0)
    assert worker.flush(10)
    assert done == [1]
    assert losses()["analysis.worker: ZeroDivisionError"] == before + 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_thread_is_started_again():
    worker, done = Worker(), []

    def die():
        raise SystemExit

    worker.submit(die, lag_s=0)
    worker.flush(1)
    worker._thread.join(5)
    worker.submit(lambda: done.append(1), lag_s=0)
    assert worker.flush(10)
    assert done == [1]


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_starts_empty():
    from argus.analysis.worker import worker

    release, done = threading.Event(), []
    worker().submit(release.wait, lag_s=0)
    worker().call_opened()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        answer = b"no"
        try:
            fresh = worker().backlog == 0
            worker().submit(lambda: done.append(1), lag_s=30)
            if fresh and worker().flush(10) and done == [1]:
                answer = b"ok"
        finally:
            os.write(writer, answer)
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 2) == b"ok"
    worker().call_closed()
    release.set()
    assert worker().flush(10)
