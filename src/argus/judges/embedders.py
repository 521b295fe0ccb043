"""Which embedder the settings ask for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from argus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from argus.config.settings import SemanticSettings
    from argus.model.ports import Embedder

__all__ = ["chosen_embedder"]

BUILT_IN = "static"


def chosen_embedder(settings: SemanticSettings, *, trusted: bool = True) -> Embedder | None:
    """The embedder of ``detection.semantic.embedder``, or None for the built-in one.

    Loading one that is named as ``module:attr`` runs the user's code, so it is done only where that runs anyway.

    Args:
        settings: The ``detection.semantic`` section.
        trusted: Whether code that settings name may run; otherwise the built-in one is used.

    Raises:
        ConfigError: It names nothing that can be loaded, or no embedder.
    """
    reference = settings.embedder
    if not settings.enabled or reference is None or reference == BUILT_IN or not trusted:
        return None
    from argus.judges.sturdy_embedding import SturdyEmbedder

    own = _endpoint(reference, settings) if "://" in reference else _loaded(reference)
    return SturdyEmbedder(own, _shown(reference), cut=settings.embedder_cut)


def _endpoint(url: str, settings: SemanticSettings) -> Embedder:
    from argus.judges.endpoint_embedding import EndpointEmbedder

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"detection.semantic.embedder: '{_shown(url)}' is no http or https address")
    return EndpointEmbedder(
        url, settings.embedder_model, timeout_s=settings.embedder_timeout_s, retries=settings.embedder_retries
    )


def _loaded(reference: str) -> Embedder:
    module_name, colon, attribute = reference.partition(":")
    if not (module_name and colon and attribute):
        raise ConfigError(
            f"detection.semantic.embedder: '{reference}' names no embedder; write it as package.module:attribute, "
            "or give the address of an OpenAI-compatible server"
        )
    try:
        found: Any = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
        if isinstance(found, type):
            found = found()
    except Exception as error:
        raise ConfigError(
            f"detection.semantic.embedder: '{reference}' cannot be loaded: {type(error).__name__}: {error}; "
            "check the spelling and that its package can be imported from here"
        ) from error
    if callable(getattr(found, "embed", None)):
        embedder: Embedder = found
        return embedder
    if callable(found):
        return _FromFunction(found)
    raise ConfigError(
        f"detection.semantic.embedder: '{reference}' is no embedder: it needs a method embed(texts), or must be a "
        "function from texts to vectors"
    )


class _FromFunction:
    """A plain function as an embedder."""

    def __init__(self, function: Callable[[Sequence[str]], Any]) -> None:
        self._function = function
        self.relevance_cut = getattr(function, "relevance_cut", None)

    def embed(self, texts: Sequence[str]) -> Any:
        return self._function(texts)


def _shown(reference: str) -> str:
    """A reference without the password that may stand in an address."""
    if "://" not in reference:
        return reference
    parts = urlsplit(reference)
    return f"{parts.scheme}://{(parts.netloc or '').rpartition('@')[2]}{parts.path}"
