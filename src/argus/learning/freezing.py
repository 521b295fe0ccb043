"""A profile as something that people can read, review and commit, and back.

The document is made of mappings, lists, texts and numbers, ready for JSON or YAML. It gives back the very profile, with
one difference: texts that were seen, but are no choice among a few, are the pipeline's data and stay out of it. What
says nothing (zero, empty) is left out. Entries under ``believed``, ``median`` and ``says`` are for readers only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from argus.errors import ConfigError
from argus.model.decoding import convert
from argus.model.profile import FieldProfile, Profile
from argus.model.spread import Spread

__all__ = ["FORMAT", "freeze", "thaw"]

FORMAT: Final = 1
"""The version of the document."""


def freeze(profile: Profile) -> dict[str, Any]:
    """The document of a profile.

    Args:
        profile: Any profile.
    """
    document: dict[str, Any] = _plain(profile)
    for relation, known in zip(document.get("relations", ()), profile.relations, strict=False):
        relation["says"] = str(known)
    believed = [str(relation) for relation in profile.believed]
    return {"format": FORMAT, **({"believed": believed} if believed else {}), **document}


def thaw(document: Any) -> Profile:
    """The profile of a document.

    Args:
        document: From :func:`freeze`, perhaps edited.

    Raises:
        ConfigError: It is no such document, or of a newer version.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("format"), int):
        raise ConfigError("this is no frozen baseline; `format: 1` is missing")
    if document["format"] > FORMAT:
        raise ConfigError(f"the baseline has format {document['format']}, and this ARGUS knows formats up to {FORMAT}")
    try:
        return convert(document, Profile)
    except (msgspec.ValidationError, TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"the frozen baseline cannot be used: {error}") from error


def _plain(value: Any) -> Any:
    """Records as mappings without what has its default, tuples as lists."""
    if isinstance(value, msgspec.Struct):
        if value.__struct_config__.array_like:
            return [_plain(getattr(value, name)) for name in value.__struct_fields__]
        defaults = dict(zip(reversed(value.__struct_fields__), reversed(value.__struct_defaults__), strict=False))
        told = {name: getattr(value, name) for name in value.__struct_fields__}
        plain = {name: _plain(one) for name, one in told.items() if one != _default(defaults.get(name, msgspec.UNSET))}
        if isinstance(value, Spread):
            plain["median"] = value.median
        if isinstance(value, FieldProfile) and value.values and value.choices is None:
            del plain["values"]
        return plain
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


def _default(default: Any) -> Any:
    """What a field has when it is not told; mutable defaults stand in the class as their factory."""
    factory = getattr(default, "factory", None)
    return factory() if factory is not None else default
