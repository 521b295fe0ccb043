"""What the driver's errors mean to the user."""

from __future__ import annotations

import re

from argus.errors import StorageError, StoreUnavailable
from argus.storage.object_store.driver import exceptions

__all__ = ["translate"]

_MEANINGS: tuple[tuple[str, str], ...] = (
    ("nosuchbucket", "does not exist: there is no such bucket; make it, or check storage.url"),
    ("invalidaccesskeyid", "does not know the access key; check AWS_ACCESS_KEY_ID"),
    ("signaturedoesnotmatch", "refuses the secret key; check AWS_SECRET_ACCESS_KEY"),
    ("expiredtoken", "refuses a session token that has expired; get a new one"),
    ("requesttimetooskewed", "refuses requests with another time than its own; set this machine's clock"),
    ("accessdenied", "does not permit this to the key; grant s3:GetObject, PutObject, DeleteObject and ListBucket"),
    ("permanentredirect", "is in another region; add region=… to storage.url, or set AWS_REGION"),
    ("authorizationheadermalformed", "is in another region; add region=… to storage.url, or set AWS_REGION"),
    ("169.254.", "has no key to use; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    ("metadata token", "has no key to use; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    ("slowdown", "asks for fewer requests; try again"),
    ("no space left", "does not fit on its disk any more; free some space and try again"),
    ("os error 28", "does not fit on its disk any more; free some space and try again"),
    ("permission denied", "cannot be read or written; check the permissions of its folder"),
    ("read-only file system", "cannot be written: its file system is read-only"),
    ("403 forbidden", "refuses the key or does not permit this to it; check AWS_ACCESS_KEY_ID and its policy"),
    ("401 unauthorized", "wants credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    ("503 service unavailable", "is not available; try again"),
    ("500 internal server error", "reports an error of its own; try again"),
    ("dns error", "has an endpoint whose name nobody knows; check endpoint in storage.url"),
    ("timed out", "does not answer in time; check the network and the endpoint"),
    ("operation timed out", "does not answer in time; check the network and the endpoint"),
    ("kind: timeout", "does not answer in time; check the network and the endpoint"),
    ("kind: connect", "cannot be reached; check the network and the endpoint"),
)
"""A part of the message in lower case, what to say; all of them may pass without a change to the trace."""


def translate(error: Exception, shown: str) -> StorageError:
    """The error to raise in place of one from the driver.

    Args:
        error: What the driver raised.
        shown: The store's URL without passwords.
    """
    text = str(error)
    message = text.lower()
    for part, meaning in _MEANINGS:
        if part in message:
            return StoreUnavailable(f"the trace store {shown} {meaning} ({_short(text)})")
    if isinstance(error, (exceptions.GenericError, OSError)):
        return StoreUnavailable(f"the trace store {shown} cannot be reached or used now ({_short(text)})")
    return StorageError(f"the trace store {shown} refused: {type(error).__name__}: {_short(text)}")


def _short(text: str) -> str:
    first = text.partition("\n\nDebug source")[0]
    code = re.search(r"<Code>([^<]+)</Code>", first)
    told = f" {code[1]}" if code else ""
    return " ".join(re.sub(r"<.*", "", first, flags=re.DOTALL).split())[:240].rstrip(": ") + told
