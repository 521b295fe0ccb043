"""The one secret that opens the server."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from argus._internal.private_files import open_private
from argus.errors import ConfigError

__all__ = ["Token", "new_token", "token_of_file"]

_BYTES = 32
_SHORTEST = 20


class Token:
    """A secret, and the cookie that a browser is given for it.

    Args:
        secret: The secret.
    """

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self._digest = _digest(secret)
        self.cookie = hashlib.blake2b(b"cookie", key=self._digest, digest_size=32).hexdigest()

    def is_secret(self, given: str) -> bool:
        """Whether a text is the secret, in time that tells nothing of it."""
        return hmac.compare_digest(_digest(given), self._digest)

    def is_cookie(self, given: str) -> bool:
        """Whether a text is the cookie, in time that tells nothing of it."""
        return hmac.compare_digest(_digest(given), _digest(self.cookie))


def new_token() -> Token:
    """A secret for one start."""
    return Token(secrets.token_urlsafe(_BYTES))


def token_of_file(path: Path) -> Token:
    """The secret that a file keeps, made when the file does not exist.

    Args:
        path: Readable by its owner only.

    Raises:
        ConfigError: It cannot be read, others may read it, or it holds no secret.
    """
    try:
        descriptor = open_private(path, os.O_RDWR | os.O_CREAT)
        with os.fdopen(descriptor, "r+", encoding="ascii", errors="replace") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise ConfigError(f"others may read the token in {path}; run: chmod 600 {path}")
            secret = file.read(1000).strip()
            if not secret:
                secret = secrets.token_urlsafe(_BYTES)
                file.seek(0)
                file.write(f"{secret}\n")
    except OSError as error:
        raise ConfigError(f"cannot read the token in {path}: {error.strerror or error}") from error
    if len(secret) < _SHORTEST or not secret.isascii() or any(char.isspace() for char in secret):
        raise ConfigError(f"{path} holds no token; delete it to have one made, or write {_SHORTEST} characters or more")
    return Token(secret)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).digest()
