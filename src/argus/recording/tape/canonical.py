"""What makes two requests the same: method, address and body, each in a form in which spelling does not matter."""

from __future__ import annotations

import json
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from argus.model.exchange import HttpBody, HttpRequest
from argus.recording.tape.bodies import media_type_of

__all__ = ["Asking", "asking_of"]

_PORTS: Final = {"http": 80, "https": 443}


class Asking(NamedTuple):
    """A request without what may differ between two runs: headers, the order of keys, the boundary of parts.

    Attributes:
        method: Upper case.
        url: The address.
        body: JSON with sorted keys, text, Base64, or the digest of what was not kept.
    """

    method: str
    url: str
    body: str


def asking_of(request: HttpRequest) -> Asking:
    """What a request asks.

    Args:
        request: As recorded, secrets hidden.
    """
    return Asking(request.method, _url(request.url), _body(request))


def _url(url: str) -> str:
    try:
        parts = urlsplit(url)
        scheme, port = parts.scheme.lower(), parts.port
    except ValueError:
        return url
    host = parts.hostname or ""
    place = host if port is None or port == _PORTS.get(scheme) else f"{host}:{port}"
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return urlunsplit((scheme, place, parts.path or "/", query, ""))


def _body(request: HttpRequest) -> str:
    body: HttpBody | None = request.body
    if body is None:
        return ""
    if body.content is None:
        return f"#{body.digest}"
    media_type = media_type_of(request.headers)
    if media_type.name == "application/x-www-form-urlencoded":
        return "&".join(sorted(body.content.split("&")))
    if media_type.boundary:
        return _without_boundary(body, media_type.boundary)
    if body.form == "text" and body.content.lstrip()[:1] in ("{", "["):
        try:
            return json.dumps(json.loads(body.content), sort_keys=True, ensure_ascii=False)
        except (ValueError, RecursionError):
            return body.content
    return body.content


def _without_boundary(body: HttpBody, boundary: str) -> str:
    """A multipart body as if its boundary, which is random, were always the same."""
    if body.form == "text" and body.content is not None:
        return body.content.replace(boundary, "boundary")
    try:
        return body.data().replace(boundary.encode("latin-1", "replace"), b"boundary").decode("latin-1")
    except ValueError:
        return body.content or ""
