"""What the objects of a store are called.

::

    argus.json                            what this is, and its format
    traces/2026-01-31/<id>~<version>.json.gz    a run, never changed
    ids/<id>/<created_at>~<version>       says where a run stands in the index; odd/… for ids that are no plain words
    log/r<random>.json.gz                 what one call saved and removed
    log/m<number>.json.gz                 the index as a list of leaves; the highest number counts
    index/<random>.json.gz                a leaf: lines of a listing, in order
    baselines/<hash>/<number>.json.gz     what was learned of a pipeline; the highest number counts

A version is the moment of saving and a random part. Ids of plain letters and digits stand as they are; others are
written in hexadecimal, which keeps their order, in a folder of their own.
"""

from __future__ import annotations

import os
import re
from hashlib import blake2b
from typing import Final, NamedTuple

from argus._internal.clock import Clock
from argus.storage.exact_json import escape, unescape

__all__ = [
    "LONGEST",
    "ODD_IDS",
    "PLAIN_IDS",
    "Version",
    "id_digits",
    "id_from_digits",
    "is_plain",
    "new_version",
    "pointer_name",
    "pointers_of",
    "random_name",
    "trace_name",
    "version_of",
]

PLAIN_IDS: Final = "ids"
ODD_IDS: Final = "odd"

_PLAIN = re.compile(r"[0-9A-Za-z_]{1,120}")
LONGEST: Final = 120
"""Hexadecimal digits of an id that a name holds: a file's name has at most 255 bytes."""


class Version(NamedTuple):
    """One saved version of a run, as an index finds it.

    Attributes:
        created_at: When the run started, as text.
        trace_id: The run's id.
        version: Greater for what was saved later.
    """

    created_at: str
    trace_id: str
    version: str


def random_name() -> str:
    """A name that nobody else uses: 16 hexadecimal digits."""
    return os.urandom(8).hex()


def new_version(clock: Clock) -> str:
    """The version of something saved now.

    Args:
        clock: Tells the time; one that is wrong matters only where two writers save the same run at once.
    """
    return f"{int(clock.now().timestamp() * 1_000_000):016x}{random_name()}"


def is_plain(text: str) -> bool:
    """Whether an id, or the beginning of one, stands in names as it is.

    Args:
        text: Any text.
    """
    return _PLAIN.fullmatch(text) is not None


def id_digits(trace_id: str) -> str:
    """An id that is not plain as a part of a name.

    Args:
        trace_id: Any text.
    """
    digits = escape(trace_id).encode().hex()
    if len(digits) > LONGEST:
        digits = f"{digits[:LONGEST]}.{blake2b(digits.encode(), digest_size=8).hexdigest()}"
    return digits


def id_from_digits(digits: str) -> str | None:
    """The id that a part of a name stands for; None when it is too long to be told by its name.

    Args:
        digits: From :func:`id_digits`.
    """
    return None if "." in digits or digits == "=" else unescape(bytes.fromhex(digits).decode())


def pointers_of(trace_id: str) -> str:
    """The folder of what says where a run stands in the index.

    Args:
        trace_id: The run's id.
    """
    return f"{PLAIN_IDS}/{trace_id}" if is_plain(trace_id) else f"{ODD_IDS}/{id_digits(trace_id) or '='}"


def pointer_name(version: Version) -> str:
    """The object that says where a run stands in the index.

    Args:
        version: The saved version.
    """
    # a colon is no part of a file's name everywhere
    return f"{pointers_of(version.trace_id)}/{version.created_at.replace(':', '.')}~{version.version}"


def version_of(name: str, trace_id: str) -> Version:
    """The saved version that a pointer stands for.

    Args:
        name: From :func:`pointer_name`.
        trace_id: The run's id.
    """
    created_at, _, version = name.rpartition("/")[2].partition("~")
    return Version(created_at[:19].replace(".", ":") + created_at[19:], trace_id, version)


def trace_name(version: Version) -> str:
    """The object that holds a run.

    Args:
        version: The saved version.
    """
    shown = version.trace_id if is_plain(version.trace_id) else f"={id_digits(version.trace_id)}"
    return f"traces/{version.created_at[:10]}/{shown}~{version.version}.json.gz"
