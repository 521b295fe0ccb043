"""The object storage backend: ``s3://bucket/prefix`` and ``file:///path``."""

from argus.storage.object_store.store import ObjectStore

__all__ = ["ObjectStore"]
