"""Which judge the settings ask for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from argus.errors import ConfigError, NotAvailable
from argus.judges.chat_model import ChatEndpoint, ChatJudge, OwnFunction

if TYPE_CHECKING:
    from argus.config.settings import SemanticSettings
    from argus.model.ports import Judge

__all__ = ["OFFICIAL", "chosen_judge"]

OFFICIAL: Final = "https://api.openai.com/v1"
"""Where a model is asked when no other address is given."""


def chosen_judge(
    settings: SemanticSettings,
    function: Callable[..., Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Judge | None:
    """The judge that the settings ask for, or None when they ask for none.

    Args:
        settings: The ``detection.semantic`` section.
        function: The user's own, in place of a model.
        environment: Where ``OPENAI_BASE_URL`` and ``OPENAI_API_KEY`` are looked up; None takes the process's.

    Raises:
        ConfigError: The address is none.
        NotAvailable: There is no key for the official address.
    """
    if not settings.enabled or not settings.judge:
        return None
    if function is not None:
        return ChatJudge(OwnFunction(function))
    from argus.judges.keys import stored_key

    known = os.environ if environment is None else environment
    url = settings.judge_url or known.get("OPENAI_BASE_URL") or OFFICIAL
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError("detection.semantic.judge_url (or OPENAI_BASE_URL) is no http or https address")
    key = known.get("OPENAI_API_KEY") or stored_key()
    if key is None and url == OFFICIAL:
        raise NotAvailable(
            "the judge needs a key: set OPENAI_API_KEY or run `argus login`, give the address of your own server as "
            "detection.semantic.judge_url, or pass a function as judge_model"
        )
    return ChatJudge(
        ChatEndpoint(
            url, settings.judge_model, key=key, timeout_s=settings.judge_timeout_s, retries=settings.judge_retries
        )
    )
