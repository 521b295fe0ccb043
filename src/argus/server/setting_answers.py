"""The configuration as an answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from argus.config.schema import options
from argus.model.codec import to_builtins
from argus.server.resources.knowledge import Setting, SettingList
from argus.storage.masking import mask_url

if TYPE_CHECKING:
    from argus.config.sources import Configuration

__all__ = ["all_settings"]

_SECRET: Final = re.compile(r"(?:^|[._])(?:api_?key|password|passwd|secret|token)$")


def all_settings(configuration: Configuration) -> SettingList:
    """Every option with its value in force and where it comes from.

    Args:
        configuration: The options in force.
    """
    return SettingList(
        file=str(configuration.file) if configuration.file else None,
        items=tuple(
            Setting(
                key=option.key,
                value=_shown(option.key, _value(configuration.settings, option.path)),
                default=_shown(option.key, option.default),
                source=configuration.origins.get(option.key, "default"),
                environment=option.environment,
                description=option.meaning.replace("``", "`"),
            )
            for option in options().values()
        ),
    )


def _value(settings: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        settings = getattr(settings, part)
    return settings


def _shown(key: str, value: Any) -> Any:
    if value is not None and _SECRET.search(key):
        return "***"
    return _masked(to_builtins(value))


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_url(value)
    if isinstance(value, dict):
        return {name: _masked(item) for name, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value
