"""Where signatures come from: the bundled files and one of the user's own.

A file holds ``signatures``, a list of entries with the attributes of a
:class:`~argus.detectors.signatures.signature.Signature`, and ``defaults`` for what all of them share. ``parts`` names
pieces of patterns that stand in several: ``«cannot»`` is replaced by the part of that name. A private file may also
``disable`` signatures by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from argus.detectors.signatures.signature import Signature, SignatureSet, Tier
from argus.errors import ConfigError

__all__ = ["bundled", "check", "combined", "read_tier", "with_private"]

_FOLDER: Final = Path(__file__).with_name("bundled")
_MAX_BYTES: Final = 1_000_000


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """A file before its entries are looked at."""

    signatures: list[dict[str, Any]] = []
    defaults: dict[str, Any] = {}
    parts: dict[str, str] = {}
    disable: list[str] = []


class _Entry(Signature, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signature as it is written down: a misspelt attribute is an error."""


@lru_cache(maxsize=1)
def bundled() -> SignatureSet:
    """The signatures that come with ARGUS."""
    files = sorted(_FOLDER.glob("*.yaml"))
    return SignatureSet(signatures=combined([one for file in files for one in read_tier(file, "bundled")[0]]))


def with_private(path: Path) -> SignatureSet:
    """The bundled signatures together with those of a user's file.

    A private signature takes the place of a bundled one with the same pattern and strategy.

    Args:
        path: A YAML or JSON file.

    Raises:
        ConfigError: The file cannot be read, or some of its entries are wrong; it names them all.
    """
    own, disabled = read_tier(path, "private")
    known = {one.id for one in bundled().signatures}
    unknown = sorted(set(disabled) - known)
    if unknown:
        raise ConfigError(f"{path}: `disable` names no bundled signature: {', '.join(unknown)}")
    kept = [one for one in bundled().signatures if one.id not in disabled]
    return SignatureSet(signatures=combined([*kept, *own]))


def combined(signatures: Iterable[Signature]) -> tuple[Signature, ...]:
    """The signatures without duplicates: of several with one pattern and strategy the last one counts.

    Args:
        signatures: Of all tiers, the stronger tier later.
    """
    kept: dict[tuple[str, str], Signature] = {}
    for one in signatures:
        kept[one.pattern, one.strategy] = one
    return tuple(kept.values())


def read_tier(path: Path, tier: Tier) -> tuple[list[Signature], list[str]]:
    """Reads and checks one file of signatures.

    Args:
        path: A YAML or JSON file.
        tier: What its signatures belong to.

    Returns:
        The signatures, and the ids of bundled ones that it switches off.

    Raises:
        ConfigError: It cannot be read, or some of its entries are wrong; it names them all.
    """
    try:
        file = msgspec.convert(_content(path), _File)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error
    found: list[Signature] = []
    problems: list[str] = []
    seen: set[str] = set()
    for number, raw in enumerate(file.signatures, start=1):
        name = f"{path}: signature {number} (`{raw.get('id', 'without id')}`)"
        try:
            entry = msgspec.convert({**file.defaults, **raw, "tier": tier}, _Entry)
            one = Signature(**{key: getattr(entry, key) for key in Signature.__struct_fields__})
            one = msgspec.structs.replace(one, pattern=_assembled(one.pattern, file.parts))
            _check_id(one, seen)
            if tier == "private":  # a test checks the bundled ones; compiling each costs half a second
                check(one)
        except (msgspec.ValidationError, ValueError) as error:
            problems.append(f"{name}: {error}")
        else:
            found.append(one)
    if problems:
        raise ConfigError("\n".join(problems), problems)
    return found, file.disable


def _content(path: Path) -> Any:
    import yaml

    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError(f"{path} is larger than {_MAX_BYTES:,} bytes; split it up")
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"cannot read the signatures in {path}: {reason}") from error
    try:
        if path.suffix == ".json":
            return msgspec.json.decode(text)
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{at}: {getattr(error, 'problem', None) or 'it is not valid YAML'}") from error
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise ConfigError(f"{path}: {error or 'nested too deeply'}") from error


def _assembled(pattern: str, parts: Mapping[str, str]) -> str:
    for _ in range(3):  # parts may be made of parts
        for name, part in parts.items():
            pattern = pattern.replace(f"«{name}»", f"(?:{part})")
    if "«" in pattern and "»" in pattern.partition("«")[2]:
        unknown = pattern.partition("«")[2].partition("»")[0]
        if unknown.isidentifier():
            raise ValueError(f"`parts` has no «{unknown}»")
    return pattern


def _check_id(one: Signature, seen: set[str]) -> None:
    if not one.id or one.id in seen:
        raise ValueError("each signature needs an id of its own")
    seen.add(one.id)


def check(one: Signature) -> None:
    """Checks the pattern of a signature.

    Args:
        one: The signature.

    Raises:
        ValueError: RE2 does not take the pattern, or it fits everything.
    """
    import re2

    if not one.pattern:
        raise ValueError("the pattern is empty")
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(one.pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else error
        reason = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise ValueError(f"RE2 does not take the pattern: {reason}") from error
    if one.strategy != "shape" and compiled.search("") is not None:
        raise ValueError("the pattern fits the empty text, and so everything")
