"""The shipped conformance suite on a real server that speaks S3."""

from argus.testing.storage_suite import StorageSuite


class TestBucket(StorageSuite):
    shared_between_processes = True
