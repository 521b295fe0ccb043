"""What holds for every test."""

import re


def pytest_make_parametrize_id(config, val, argname):
    """Ids are the same in every process: parallel workers must agree on them, and a repr may hold an address."""
    if isinstance(val, type) or val is None or isinstance(val, bool | int | float | str | bytes):
        return None
    text = repr(val)
    return re.sub(r" at 0x[0-9a-f]+", "", text)[:80] if " at 0x" in text else None
