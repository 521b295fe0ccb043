"""A server that is away, slow, refuses or cuts connections: errors say what and where, and nothing is half there."""

import os
import threading
import time

import pytest

from argus.errors import ConfigError, SchemaMismatch, StoreCorrupt, StoreUnavailable
from argus.storage.locate import open_store
from argus.storage.object_store import ObjectStore
from argus.testing.full_trace import full_trace, small_trace


def ids(store):
    return [row.id for row in store.list(limit=1000).rows]


@pytest.fixture
def through(s3, proxy):
    """A store behind the proxy, and the same store without it."""
    bucket = s3.bucket()
    direct = ObjectStore.open(s3.url(bucket))
    store = ObjectStore.open(s3.url(bucket, port=proxy.server_port, timeout="0.5"))
    yield store, direct
    store.close()
    direct.close()


def test_a_server_that_is_busy_for_a_moment_is_not_noticed(through, proxy):
    store, _ = through
    proxy.fail("unavailable", times=2)
    store.save(full_trace())
    assert proxy.failed == 2
    proxy.fail("cut", times=1, only=("GET",))
    assert store.get(full_trace().id) == full_trace()


def test_an_answer_that_is_lost_is_not_a_second_write(through, proxy):
    store, direct = through
    proxy.fail("lost", times=4, only=("PUT",))
    store.save(full_trace())
    assert direct.get(full_trace().id) == full_trace()
    assert ids(direct) == [full_trace().id]


@pytest.mark.parametrize("fault", ["unavailable", "lost", "hang"])
def test_a_server_that_stays_away_is_told_soon_and_leaves_nothing_half_done(through, proxy, fault):
    store, direct = through
    store.save(small_trace(1))
    proxy.fail(fault, only=("PUT",))
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match=r"^the trace store s3://bucket-\d+/runs\?"):
        store.save_many([small_trace(2), small_trace(3)])
    assert time.monotonic() - began < 30
    assert ids(direct) == [small_trace(1).id]
    proxy.fail("")
    store.save_many([small_trace(2), small_trace(3)])
    assert sorted(ids(direct)) == [small_trace(number).id for number in (1, 2, 3)]


def test_an_answer_cut_off_again_and_again_is_told(through, proxy):
    store, _ = through
    store.save(full_trace())
    proxy.fail("cut", only=("GET",))
    with pytest.raises(StoreUnavailable):
        store.get(full_trace().id)


def test_a_bucket_that_does_not_exist(s3):
    with pytest.raises(StoreUnavailable, match="there is no such bucket; make it, or check"):
        open_store(s3.url("nowhere-to-be-found"))


def test_a_key_that_nobody_knows(s3):
    url = s3.url(s3.bucket())
    s3.checks_keys(yes=True)
    try:
        with pytest.raises(StoreUnavailable, match="does not know the access key; check AWS_ACCESS_KEY_ID"):
            open_store(url)
    finally:
        s3.checks_keys(yes=False)


def test_nobody_answers():
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="cannot be reached; check the network and the endpoint"):
        open_store("s3://bucket/x?endpoint=http://127.0.0.1:1&allow_http=true")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("s3:///prefix", "names no bucket; write s3://BUCKET/PREFIX"),
        ("s3://key:sesame@bucket/x", "AWS_ACCESS_KEY_ID"),
        ("s3://bucket/x?endpoint=http://127.0.0.1:1", "add allow_http=true"),
        ("s3://bucket/x?colour=red", "colour"),
        ("s3://bucket/x?timeout=long", "give seconds"),
        ("file:relative", "write file:///absolute/path"),
        ("file:///", "write file:///absolute/path"),
    ],
)
def test_urls_that_cannot_be_used(url, says):
    with pytest.raises(ConfigError, match=says) as refused:
        open_store(url)
    assert "sesame" not in str(refused.value)


def test_keys_in_the_url_are_never_shown(s3):
    url = s3.url(s3.bucket(), access_key_id="mine", secret_access_key="sesame")
    store = open_store(url)
    store.save(small_trace(1))
    assert "sesame" not in store.url
    assert "mine" not in store.url
    store.close()


def test_what_others_put_there_is_not_taken_for_a_store(tmp_path):
    (tmp_path / "argus.json").write_text('{"name": "some web application"}')
    with pytest.raises(StoreCorrupt, match="give the store a prefix of its own"):
        open_store(f"file://{tmp_path}")
    (tmp_path / "argus.json").write_text('{"argus_objects": 99}')
    with pytest.raises(SchemaMismatch, match="upgrade ARGUS"):
        open_store(f"file://{tmp_path}")


def test_an_object_that_was_damaged_is_named(tmp_path):
    store = open_store(f"file://{tmp_path}/runs")
    store.save(small_trace(1))
    (damaged,) = (tmp_path / "runs" / "traces").rglob("*.gz")
    damaged.write_bytes(damaged.read_bytes()[:-20])
    with pytest.raises(StoreCorrupt, match=damaged.name):
        store.get(small_trace(1).id)
    store.close()


def test_a_folder_of_objects_is_its_owners_alone(tmp_path):
    open_store(f"file://{tmp_path}/runs").close()
    assert (tmp_path / "runs").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform cannot fork")
def test_a_forked_child_is_told_that_it_cannot_use_the_parents_connections(store):
    child = os.fork()
    if not child:
        status = 1
        try:
            store.save(small_trace(2))
        except StoreUnavailable as refused:
            status = 0 if "forked" in str(refused) else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform cannot fork")
def test_a_forked_child_goes_on_in_a_folder(tmp_path):
    store = open_store(f"file://{tmp_path}/runs")
    store.save(small_trace(1))
    child = os.fork()
    if not child:
        status = 1
        try:
            store.save(small_trace(2))
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(ids(store)) == 2
    store.close()


def test_two_who_save_the_same_run_at_once(through, proxy):
    one, other = through
    together = threading.Barrier(2)

    def save(store):
        together.wait()
        store.save(small_trace(1))

    threads = [threading.Thread(target=save, args=(store,)) for store in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ids(one) == ids(other) == [small_trace(1).id]
    assert one.get(small_trace(1).id) == small_trace(1)
    assert one.history("pipeline", None).profile().runs <= 1
    assert one.delete([small_trace(1).id]) == 1
    assert ids(other) == []
