"""Content encodings taken off piece by piece, within a limit."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from typing import Any, Final

__all__ = ["Damaged", "Packed", "unpacked"]

_GZIP: Final = 16 + zlib.MAX_WBITS
_BOMB: Final = "longer than {limit:,} bytes once unpacked"


class Packed(Exception):
    """A body cannot be unpacked; the message says why."""


class Damaged(Packed):
    """It is not encoded as it says, or no longer is."""


def unpacked(pieces: Iterable[bytes], encoding: str, limit: int) -> list[bytes]:
    """What the pieces of a body hold, each on its own.

    Args:
        pieces: As they came.
        encoding: The value of ``Content-Encoding``.
        limit: Bytes that may come out.

    Raises:
        Packed: The encoding is not known, the data is damaged, or more comes out.
    """
    result = list(pieces)
    for name in reversed([one.strip().lower() for one in encoding.split(",") if one.strip()]):
        if name != "identity":
            result = _without(name, result, limit)
    return result


def _without(name: str, pieces: list[bytes], limit: int) -> list[bytes]:
    maker = _MAKERS.get(name)
    if maker is None:
        raise Packed(f"encoded as {name!r}, which cannot be searched for secrets")
    kept: list[bytes] = []
    left = limit
    try:
        unpack = maker()
        for piece in pieces:
            out = unpack(piece, left + 1)
            left -= len(out)
            if left < 0:
                raise Packed(_BOMB.format(limit=limit))
            kept.append(out)
    except ImportError as error:
        raise Packed(f"encoded as {name!r}; the library that unpacks it is not installed") from error
    except Packed:
        raise
    except Exception as error:
        raise Damaged(f"damaged: it is not encoded as {name!r}, as it says") from error
    return kept


def _gzip() -> Callable[[bytes, int], bytes]:
    return zlib.decompressobj(_GZIP).decompress


def _deflate() -> Callable[[bytes, int], bytes]:
    inner: list[Any] = []

    def unpack(piece: bytes, most: int) -> bytes:
        if inner:
            return bytes(inner[0].decompress(piece, most))
        try:
            inner.append(zlib.decompressobj())
            return bytes(inner[0].decompress(piece, most))
        except zlib.error:  # many servers leave out the header that the standard asks for
            inner[:] = [zlib.decompressobj(-zlib.MAX_WBITS)]
            return bytes(inner[0].decompress(piece, most))

    return unpack


def _brotli() -> Callable[[bytes, int], bytes]:
    import brotli  # type: ignore[import-not-found, unused-ignore]  # httpx and urllib3 use it when it is there

    decompressor = brotli.Decompressor()
    return lambda piece, most: bytes(decompressor.process(piece))


def _zstd() -> Callable[[bytes, int], bytes]:
    import zstandard

    decompressor = zstandard.ZstdDecompressor().decompressobj()
    return lambda piece, most: decompressor.decompress(piece)


_MAKERS: Final[dict[str, Callable[[], Callable[[bytes, int], bytes]]]] = {
    "gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd,
}  # fmt: skip
