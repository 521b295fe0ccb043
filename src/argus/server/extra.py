"""What to say when the extra that the server needs is missing."""

from __future__ import annotations

from importlib.util import find_spec

from argus.errors import NotAvailable

__all__ = ["require_extra"]


def require_extra() -> None:
    """Checks that the web server's packages are installed, without importing them.

    Raises:
        NotAvailable: They are not.
    """
    missing = [name for name in ("litestar", "uvicorn") if find_spec(name) is None]
    if missing:
        raise NotAvailable(
            f"the web interface needs {' and '.join(missing)}; install it with `pip install 'arguslabs[ui]'`"
        )
