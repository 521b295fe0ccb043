"""The shipped conformance suite on PostgreSQL."""

import pytest

from argus.storage.locate import open_store
from argus.testing.storage_suite import StorageSuite


class TestPostgres(StorageSuite):
    shared_between_processes = True

    @pytest.fixture
    def store(self, url):
        store = open_store(url)
        yield store
        store.close()
