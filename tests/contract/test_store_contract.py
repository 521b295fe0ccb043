"""The shipped conformance suite on the built-in backends."""

import pytest

from argus.storage.memory import MemoryStore
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
