"""The driver, or what to say when it is missing."""

from __future__ import annotations

from argus.errors import NotAvailable

try:
    import obstore
    from obstore import exceptions, store
except ImportError as error:
    raise NotAvailable(
        f"object stores (s3:// and file://) need obstore; install it with `pip install 'arguslabs[s3]'` ({error})"
    ) from error

__all__ = ["exceptions", "obstore", "store"]
