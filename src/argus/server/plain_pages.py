"""Pages for when there is no web interface to show; no script, no style, nothing of a run."""

from __future__ import annotations

__all__ = ["locked_page", "unbuilt_page"]

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def locked_page() -> bytes:
    """For a browser that does not know the secret."""
    return _page(
        "ARGUS needs its token",
        "<p>Open the address that <code>argus ui</code> printed when it started; it holds the token.</p>",
    )


def unbuilt_page() -> bytes:
    """For an installation without the built web interface."""
    return _page(
        "The web interface is not built",
        '<p>The API works: <a href="/openapi.json">/openapi.json</a> describes it, and'
        ' <a href="/api/v1/meta">/api/v1/meta</a> says what is served.</p>'
        "<p>In a clone of the repository, build the pages with <code>make web</code> and reload."
        " Released packages hold them already.</p>",
    )


def _page(title: str, body: str) -> bytes:
    return _PAGE.format(title=title, body=body).encode()
