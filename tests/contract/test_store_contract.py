"""The shipped conformance suite on the built-in backends."""

import pytest

from argus.storage.memory import MemoryStore
from argus.storage.object_store import ObjectStore
from argus.storage.object_store.address import address_of
from argus.storage.sqlite import SqliteStore
from argus.testing.storage_suite import StorageSuite


class TestSqlite(StorageSuite):
    shared_between_processes = True

    @pytest.fixture
    def store(self, tmp_path):
        store = SqliteStore.open(f"sqlite:///{tmp_path}/.argus/traces.db")
        yield store
        store.close()


class TestMemory(StorageSuite):
    @pytest.fixture
    def store(self):
        store = MemoryStore.open("memory:")
        yield store
        store.close()


class TestFolderOfObjects(StorageSuite):
    shared_between_processes = True

    @pytest.fixture
    def store(self, tmp_path):
        store = ObjectStore.open(f"file://{tmp_path}/archive")
        yield store
        store.close()


class TestFolderOfObjectsWhoseIndexIsAlwaysWorkedOut(StorageSuite):
    """The same from leaves instead of the log, and what is replaced goes at once, under the eyes of readers."""

    @pytest.fixture
    def store(self, tmp_path):
        store = ObjectStore(address_of(f"file://{tmp_path}/archive"), long_log=1, look_every=1, grace_s=0)
        yield store
        store.close()
