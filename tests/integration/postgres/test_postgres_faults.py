"""A server that is away, refuses, dies or is restarted, and processes that fork: nothing acknowledged is lost."""

import multiprocessing
import os
import threading
import time

import psycopg
import pytest

from argus.errors import ConfigError, StoreUnavailable
from argus.storage.locate import open_store
from argus.testing.builders import ran
from argus.testing.full_trace import small_trace


def save_some(url, worker, count):
    store = open_store(url)
    for number in range(worker * count, worker * count + count):
        store.save_many([small_trace(number), small_trace(9_999, summary=f"{worker}")])  # one id that all fight over
    store.close()


def ids(store):
    return [row.id for row in store.list(limit=1000).rows]


def test_eight_processes_at_once(url):
    start = multiprocessing.get_context("spawn").Process
    workers = [start(target=save_some, args=(url, worker, 10)) for worker in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(90)
    assert [worker.exitcode for worker in workers] == [0] * 8
    store = open_store(url)
    assert sorted(ids(store)) == sorted(small_trace(number).id for number in (*range(80), 9_999))
    # every healthy run has taught once, however often two writers collided
    assert store.history("pipeline", None).profile().runs == 81
    store.close()


def test_what_was_acknowledged_survives_a_server_killed_in_mid_write(own_server):
    url = own_server.url()
    store = open_store(url)
    acknowledged, failures, stop = [], [], threading.Event()

    def write():
        for number in range(100_000):
            if stop.is_set():
                return
            trace = small_trace(number, steps=tuple(ran(f"n{rank}", {"x": "y" * 500}) for rank in range(20)))
            try:
                store.save(trace)
            except StoreUnavailable as failure:
                failures.append(failure)
            else:
                acknowledged.append(trace)

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(2):
        seen = len(acknowledged)
        while len(acknowledged) < seen + 10:
            time.sleep(0.01)
        own_server.kill()
        own_server.start()
    seen = len(acknowledged)
    while len(acknowledged) < seen + 10:  # it goes on by itself
        time.sleep(0.01)
    stop.set()
    writer.join()
    stored = set(ids(store))
    assert {trace.id for trace in acknowledged} <= stored
    for trace_id in sorted(stored)[-40:]:
        assert len(store.get(trace_id).steps) == 20  # all or nothing
    store.close()


def test_a_restart_between_two_calls_is_not_noticed(own_server):
    store = open_store(own_server.url())
    store.save(small_trace(1))
    own_server.stop()
    own_server.start()
    store.save(small_trace(2))
    assert len(ids(store)) == 2
    store.close()


def test_a_server_that_stays_away_is_told_and_used_again_when_it_is_back(own_server):
    store = open_store(own_server.url())
    store.save(small_trace(1))
    own_server.stop()
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match=r"postgresql://admin@.*check that the server runs"):
        store.save(small_trace(2))
    assert time.monotonic() - began < 10
    own_server.start()
    store.save(small_trace(2))
    assert len(ids(store)) == 2
    store.close()


def test_a_server_without_free_connections_says_what_to_do(own_server):
    own_server.stop()
    own_server.start("max_connections=5", "superuser_reserved_connections=1", "max_wal_senders=0")
    own_server.sql("CREATE ROLE plain LOGIN; GRANT ALL ON SCHEMA public TO plain")
    held = [psycopg.connect(own_server.url(user="plain")) for _ in range(4)]
    with pytest.raises(StoreUnavailable, match="has no free connections; close some, raise max_connections"):
        open_store(own_server.url(user="plain"))
    for connection in held:
        connection.close()
    deadline = time.monotonic() + 5
    while True:  # the server lets go a moment later
        try:
            store = open_store(own_server.url(user="plain"))
            break
        except StoreUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    store.save(small_trace(1))
    store.close()


def test_passwords_are_checked_and_never_shown(server):
    server.sql("CREATE ROLE guarded LOGIN PASSWORD 'p@ss/w%rd'")
    server.sql("CREATE SCHEMA guarded AUTHORIZATION guarded")
    base = f"127.0.0.1:{server.port}/postgres"
    store = open_store(f"postgresql://guarded:p%40ss%2Fw%25rd@{base}")
    assert store.url == f"postgresql://guarded:***@{base}"
    store.save(small_trace(1))
    store.close()
    with pytest.raises(StoreUnavailable, match=r"refuses the password; check user and password") as refused:
        open_store(f"postgresql://guarded:sesame@{base}")
    with pytest.raises(StoreUnavailable, match="wants a password"):
        open_store(f"postgresql://guarded@{base}")
    with pytest.raises(ConfigError, match="percent-encode") as unreadable:
        open_store(f"postgresql://guarded:sesame%zz@{base}")
    assert "sesame" not in f"{refused.value}{unreadable.value}{unreadable.value.__context__ and ''}"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"database": "nowhere"}, "has no such database; create it"),
        ({"user": "nobody-here"}, "does not know this user"),
        ({"options": "sslmode=require"}, "TLS"),
    ],
)
def test_what_the_server_refuses_is_explained(server, change, says):
    if "options" in change:
        url = f"postgresql://admin@127.0.0.1:{server.port}/postgres?{change['options']}"
    else:
        url = server.url(**change)
    with pytest.raises(StoreUnavailable, match=says):
        open_store(url)


def test_nobody_answers(server):
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="does not answer; check that the server runs"):
        open_store("postgresql://me:secret@127.0.0.1:1/x")
    assert time.monotonic() - began < 5  # a command does not wait for what was never there


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform cannot fork")
def test_a_forked_child_has_connections_of_its_own(url):
    store = open_store(url)
    store.save(small_trace(1))
    child = os.fork()
    if not child:
        status = 1
        try:
            store.save(small_trace(2))
            store.close()
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    store.save(small_trace(3))  # the child's end has not ended the parent's session
    assert len(ids(store)) == 3
    store.close()


def test_more_threads_than_connections_wait_for_each_other(url):
    store = open_store(url)
    threads = [threading.Thread(target=store.save, args=(small_trace(number),)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids(store)) == 24
    store.close()
