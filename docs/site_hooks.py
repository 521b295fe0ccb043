"""What the built site needs beside its pages: where the repository links to a file of the project, it is named."""

from __future__ import annotations

import re
from typing import Any

_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+((?:examples|bench|src)/[^)]*)\)")
_FOLDER = re.compile(r"\[([^\]]+)\]\(adr/\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by mkdocs for each page.

    Args:
        markdown: The page's text.
        **_: What else mkdocs knows of the page.
    """
    return _FOLDER.sub(r"\1", _OUTSIDE.sub(r"\1 (`\2`)", markdown))
