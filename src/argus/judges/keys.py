"""The judge's key, kept for the user: in the system's keyring, or in a file that only they can read."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from argus._internal.private_files import open_private, private_folder
from argus.errors import ArgusError, StorageError

__all__ = ["forget_key", "key_file", "store_key", "stored_key"]

_SERVICE: Final = "arguslabs"
_USER: Final = "judge"
_LONGEST: Final = 4096


def key_file() -> Path:
    """The file that holds the key where there is no keyring."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "argus" / "judge_key"


def store_key(key: str) -> str:
    """Keeps a key.

    Args:
        key: Printable, without spaces.

    Returns:
        Where it is now.

    Raises:
        ArgusError: It is no key.
        StorageError: It cannot be kept.
    """
    cleaned = key.strip()
    if not cleaned or len(cleaned) > _LONGEST or not cleaned.isascii() or not cleaned.isprintable() or " " in cleaned:
        raise ArgusError("that is no key: it must be one word of printable ASCII characters")
    keyring = _keyring()
    if keyring is not None:
        try:
            keyring.set_password(_SERVICE, _USER, cleaned)
        except Exception:  # noqa: BLE001 - keyrings without a desktop fail in many ways; the file stands in
            keyring = None
    if keyring is not None:
        key_file().unlink(missing_ok=True)
        return "the system's keyring"
    path = key_file()
    try:
        private_folder(path.parent)
        descriptor = open_private(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        with os.fdopen(descriptor, "w") as file:
            path.chmod(0o600)  # it may have been made by hand
            file.write(cleaned)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    return str(path)


def stored_key() -> str | None:
    """The key that was kept, or None; never raises."""
    keyring = _keyring()
    if keyring is not None:
        try:
            found = keyring.get_password(_SERVICE, _USER)
        except Exception:  # noqa: BLE001 - see above
            found = None
        if isinstance(found, str) and found:
            return found
    try:
        with os.fdopen(open_private(key_file(), os.O_RDONLY)) as file:
            return file.read(_LONGEST).strip() or None
    except (OSError, StorageError, ValueError):
        return None


def forget_key() -> bool:
    """Takes the key away; says whether there was one.

    Raises:
        StorageError: The file cannot be deleted.
    """
    had = stored_key() is not None
    keyring = _keyring()
    if keyring is not None:
        try:
            keyring.delete_password(_SERVICE, _USER)
        except Exception:  # noqa: BLE001 - there was none in it
            keyring = None
    try:
        key_file().unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"cannot delete {key_file()}: {error.strerror or error}") from error
    return had


def _keyring() -> Any:
    """The module ``keyring`` when it is installed and has a real backend."""
    try:
        keyring = import_module("keyring")
        fail = import_module("keyring.backends.fail")
    except Exception:  # noqa: BLE001 - not installed, or its backend cannot be loaded
        return None
    return None if isinstance(keyring.get_keyring(), fail.Keyring) else keyring
