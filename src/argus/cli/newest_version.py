"""Which version of ARGUS is the newest, as pip knows it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import Final

from argus.errors import NotAvailable

__all__ = ["install_command", "is_newer", "newest_version"]

_DISTRIBUTION: Final = "arguslabs"
_TIMEOUT_S: Final = 60
_NAMED: Final = re.compile(rf"^{_DISTRIBUTION} \(([^)\s]+)\)", re.MULTILINE)
_NUMBERS: Final = re.compile(r"\d+")


def newest_version() -> str:
    """The newest version that the pip of this interpreter finds.

    Raises:
        NotAvailable: There is no pip, it does not get through to its index, or it finds no version there.
    """
    command = [
        sys.executable, "-m", "pip", "index", "versions", _DISTRIBUTION,
        "--disable-pip-version-check", "--no-input", "--no-color", "--retries", "1", "--timeout", "10",
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 - our own words, no shell
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, stdin=subprocess.DEVNULL, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotAvailable(f"pip gave no answer within {_TIMEOUT_S} seconds; try again with a network") from error
    except OSError as error:
        raise NotAvailable(f"{sys.executable} cannot be started: {error.strerror or error}") from error
    found = _NAMED.search(done.stdout)
    if found is None:
        raise NotAvailable(_reason(done.stderr))
    return found[1]


def is_newer(found: str, installed: str) -> bool:
    """Whether one version comes after another; what is no number in them is passed over.

    Args:
        found: A version.
        installed: The other version.
    """
    try:
        from packaging.version import Version

        return Version(found) > Version(installed)
    except (ImportError, ValueError):  # it is not one of our libraries
        return [int(part) for part in _NUMBERS.findall(found)] > [int(part) for part in _NUMBERS.findall(installed)]


def install_command() -> str:
    """The command line that gets the newest version into this environment."""
    return shlex.join([sys.executable, "-m", "pip", "install", "--upgrade", _DISTRIBUTION])


def _reason(complaint: str) -> str:
    if "No module named pip" in complaint:
        return f"{sys.executable} has no pip; install it with: {shlex.join([sys.executable, '-m', 'ensurepip'])}"
    lines = [line.strip() for line in complaint.splitlines() if line.strip().upper().startswith("ERROR")]
    said = f" ({lines[-1][:200]})" if lines else ""
    return f"pip could not say which version is the newest{said}; is there a network, and is arguslabs on your index?"
