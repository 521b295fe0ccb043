"""The background thread: keeps out of the way, survives faults, flushes, forgets its jobs in a forked child."""

import os
import threading
import time
from itertools import pairwise

import pytest

from argus._internal.guard import losses
from argus.analysis.worker import AGAIN, Worker


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


def test_a_job_that_wants_to_end_the_thread_is_counted_like_any_other():
    worker, done = Worker(), []
    before = losses().get("analysis.worker: RuntimeError", 0)

    def die():
        raise SystemExit

    worker.submit(die, lag_s=0)
    worker.submit(lambda: done.append(1), lag_s=0)
    assert worker.flush(10)
    assert done == [1]
    assert losses()["analysis.worker: RuntimeError"] == before + 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_thread_is_started_again():
    class Fatal(BaseException):
        pass

    worker, done = Worker(), []

    def die():
        raise Fatal

    worker.submit(die, lag_s=0)
    worker._thread.join(20)
    assert not worker._thread.is_alive()
    worker.submit(lambda: done.append(1), lag_s=0)
    assert worker.flush(10)
    assert done == [1]


def test_a_job_of_many_slices_keeps_its_place():
    worker, done = Worker(), []
    hold = threading.Event()
    worker.submit(hold.wait, lag_s=0)
    slices = iter([AGAIN, AGAIN, None])

    def work():
        done.append("slice")
        return next(slices)

    worker.submit(work, lag_s=0)
    worker.submit(lambda: done.append("next"), lag_s=0)
    hold.set()
    assert worker.flush(10)
    assert done == ["slice", "slice", "slice", "next"]


def test_a_job_that_was_put_off_waits_its_time_and_a_flush_does_it_at_once():
    worker, done = Worker(quiet_s=0.001), []
    worker.submit(lambda: done.append("soon"), lag_s=0, delay_s=0.05)
    worker.submit(lambda: done.append("never"), lag_s=0, delay_s=3600)
    worker.submit(lambda: done.append("now"), lag_s=0)
    while len(done) < 2:
        time.sleep(0.001)
    assert done == ["now", "soon"]
    assert worker.flush(10)
    assert done == ["now", "soon", "never"]


def test_a_flush_with_a_job_put_off_again_says_that_not_all_is_done():
    worker, tries = Worker(), []

    def again():
        tries.append(1)
        worker.submit(again, lag_s=0, delay_s=3600)

    worker.call_opened()  # nothing runs until the flush asks for it
    worker.submit(again, lag_s=3600)
    assert worker.flush(10) is False
    assert worker.flush(10) is False
    assert len(tries) == 2


def test_a_flush_ends_though_new_jobs_keep_coming():
    worker, stop = Worker(), threading.Event()

    def feed():
        while not stop.is_set():
            worker.submit(lambda: time.sleep(0.0005), lag_s=0)
            time.sleep(0.0001)

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        assert worker.flush(60)
    finally:
        stop.set()
        feeder.join()


def test_where_no_thread_can_be_started_the_flush_does_the_work(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't create new thread at interpreter shutdown")

    worker, done = Worker(), []
    monkeypatch.setattr(threading.Thread, "start", refuse)
    worker.submit(lambda: done.append(threading.current_thread()), lag_s=0)
    assert done == []
    assert worker.flush(10)
    assert done == [threading.main_thread()]


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
