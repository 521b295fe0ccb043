r"""The kinds of secrets that are recognised by how they look.

Each kind is a linear-time pattern. Where a kind needs its surroundings to be recognised, the group is the secret itself
and the rest stays readable (``Bearer [REDACTED:bearer]``).

A *hint* finds at least everything that the pattern finds, in text and in its JSON, where a line break has become ``\n``
and a quote ``\"``. Hints are looked for in everything that is recorded, so they are written for speed: each begins with
a character that is rare in prose and in JSON, and looks back and ahead from there by a fixed number of characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

__all__ = ["PERSONAL", "SECRETS", "Kind", "assignments"]


class Kind(NamedTuple):
    """A kind of secret.

    Attributes:
        name: What stands in ``[REDACTED:name]``.
        pattern: Finds it in text; for a linear-time engine.
        hints: Find it in text or JSON, and maybe more; each begins with a literal character.
        confirm: A last check of what was found, which may run too far over several groups; how many of its characters
            hold, 0 for none. None when the pattern is enough.
        text_hints: More hints, for text only: they would be found all over JSON.
    """

    name: str
    pattern: str
    hints: tuple[str, ...]
    confirm: Callable[[str], int] | None = None
    text_hints: tuple[str, ...] = ()


_SPACE = r"(?:\s|\\[nrtf])"
_AFTER_COLON = r"""(?:(?<=[:="']%s)|(?<=[:=\s]\s%s)|(?<=\\[nrtf]%s)|(?<=\\[nrtf]\s%s))"""


def _key(name: str, patterns: Sequence[str], *hints: str) -> Kind:
    """A token that begins with letters of its own; it starts where a word starts."""
    return Kind(name, rf"\b(?:{'|'.join(patterns)})", hints)


def _header(scheme: str, characters: str) -> Kind:
    """An authorization header, or its scheme followed by something too long to be a word."""
    before = rf"(?i:\bauthorization[\"']?\s*[:=]\s*[\"']?{scheme}\s+)"
    hints = []
    for letter in (scheme[0], scheme[0].upper()):
        rest = f"(?i:{scheme[1:]}){_SPACE}+{characters}"
        hints.append(f"{letter}{rest}{{20}}")
        hints.append(f"{letter}{_AFTER_COLON.replace('%s', letter)}{rest}{{6}}")
    return Kind(
        scheme,
        rf"{before}({characters}{{6,}}={{0,2}})|(?i:\b{scheme}\s+)({characters}{{20,}}={{0,2}})",
        tuple(hints),
    )


_PEM_HEAD = "-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"

SECRETS: tuple[Kind, ...] = (
    _key("anthropic", [r"sk-ant-[A-Za-z0-9_-]{16,}"], r"\-(?<=sk-)[A-Za-z0-9_-]{16}"),
    _key("openai", [r"sk-(?:proj|svcacct|admin|None|or-v1)-[A-Za-z0-9_-]{16,}", r"sk-[A-Za-z0-9]{20,}"]),
    _key(
        "aws", [r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"],
        *(f"A{rest}[A-Z0-9]{{16}}" for rest in ("KIA", "SIA", "BIA", "CCA")),
    ),
    Kind(
        "aws",
        r"""(?:(?i:aws_secret_(?:access_)?key)|[Aa]wsSecret(?:Access)?Key)["']?\s*[:=]\s*["']?([A-Za-z0-9/+=]{40})""",
        (r"_(?<=(?i:aws)_)(?i:secret_)", "S(?<=[Aa]wsS)ecret"),
    ),
    _key(
        "github", [r"gh[pousr]_[A-Za-z0-9]{30,}", r"github_pat_[A-Za-z0-9_]{22,}"],
        "_(?<=gh[pousr]_)[A-Za-z0-9]{30}", "_(?<=github_)pat_",
    ),
    _key("gitlab", [r"glpat-[A-Za-z0-9_-]{20,}"], r"\-(?<=glpat-)"),
    _key("slack", [r"xox[abeoprs]-[A-Za-z0-9-]{10,}", r"xapp-[A-Za-z0-9-]{10,}"], r"\-(?<=xox.-)", r"\-(?<=xapp-)"),
    Kind("slack", r"hooks\.slack\.com/services/([A-Za-z0-9/_-]{20,})", (r"k(?<=hook)s\.slack",)),
    _key(
        "google", [r"AIza[A-Za-z0-9_-]{35}", r"ya29\.[A-Za-z0-9_-]{20,}", r"GOCSPX-[A-Za-z0-9_-]{20,}"],
        "AIza[A-Za-z0-9_-]{35}", r"9(?<=ya29)\.", r"\-(?<=GOCSPX-)",
    ),
    _key(
        "stripe", [r"[rsp]k_(?:live|test)_[A-Za-z0-9]{10,}", r"whsec_[A-Za-z0-9+/=]{20,}"],
        "_(?<=[rsp]k_)(?:live|test)_", "_(?<=whsec_)",
    ),
    _key("huggingface", [r"hf_[A-Za-z0-9]{30,}"], "_(?<=hf_)[A-Za-z0-9]{30}"),
    _key("groq", [r"gsk_[A-Za-z0-9]{40,}"], "_(?<=gsk_)[A-Za-z0-9]{40}"),
    _key("xai", [r"xai-[A-Za-z0-9]{40,}"], r"\-(?<=xai-)[A-Za-z0-9]{40}"),
    _key("replicate", [r"r8_[A-Za-z0-9]{30,}"], "_(?<=r8_)[A-Za-z0-9]{30}"),
    _key("perplexity", [r"pplx-[A-Za-z0-9]{40,}"], r"\-(?<=pplx-)"),
    _key("langsmith", [r"lsv2_(?:pt|sk)_[A-Za-z0-9_]{32,}"], "_(?<=lsv2_)"),
    _key("tavily", [r"tvly-[A-Za-z0-9-]{20,}"], r"\-(?<=tvly-)"),
    _key("pinecone", [r"pcsk_[A-Za-z0-9_]{30,}"], "_(?<=pcsk_)"),
    _key("sendgrid", [r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"], r"SG\.[A-Za-z0-9_-]{16}"),
    _key("npm", [r"npm_[A-Za-z0-9]{36}"], "_(?<=npm_)[A-Za-z0-9]{36}"),
    _key("pypi", [r"pypi-[A-Za-z0-9_-]{50,}"], r"\-(?<=pypi-)[A-Za-z0-9_-]{50}"),
    _key("digitalocean", [r"do[opr]_v1_[a-f0-9]{64}"], "_(?<=do[opr]_)v1_"),
    _key("jwt", [r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"], r"J(?<=\.eyJ)[A-Za-z0-9_-]{8}"),
    _header("bearer", "[A-Za-z0-9._~+/=-]"),
    _header("basic", "[A-Za-z0-9+/]"),
    Kind(
        "private_key",
        rf"{_PEM_HEAD}[^-]*(?:-[^-]+)*(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)?",
        (r"\-----BEGIN (?:[A-Z0-9]{1,20} ){0,5}PRIVATE",),
    ),
    Kind(
        "url_password",
        r"""\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#:@"'<>\\]*:([^\s/@"'<>\\]+)@""",
        (r"""/(?<=://)[^\s/?#:@"'<>]*:[^\s/@"'<>]+@""",),
    ),
)  # fmt: skip
"""Keys and tokens of providers, authorization headers, private keys, passwords in URLs."""


def assignments(key_pattern: str, endings: Iterable[str]) -> Kind:
    """Values of redacted keys inside text that is itself JSON, a printed dict, or a query string.

    Args:
        key_pattern: The keys, as one pattern without groups.
        endings: Text that the keys end in, in any letter case; an empty one stands for a key that may end in anything.
    """
    keys = f"(?i:{key_pattern})"
    hints = []
    for mark, after in ((r"\\", ""), ("'", rf"{_SPACE}*:"), ("=", ""), ('"', rf"{_SPACE}*:")):
        behind = "|".join(f"(?<=(?i:{re.escape(ending)}){mark})" for ending in dict.fromkeys(endings))
        hints.append(f"{mark}(?:{behind}){after}")
    return Kind(
        "",
        rf'"{keys}"\s*:\s*"((?:[^"\\]|\\.)+)'
        rf'|\\+"{keys}\\+"\s*:\s*\\+"((?:[^"\\]|\\+[^"\\])+)'
        rf"|'{keys}'\s*:\s*'((?:[^'\\]|\\.)+)"
        rf"""|'{keys}'\s*:\s*"((?:[^"\\]|\\.)+)"""
        rf"""|[?&]{keys}=([^\s&"'#\\]+)""",
        tuple(hints[:3]),
        text_hints=tuple(hints[3:]),
    )


def _held_by(check: Callable[[str], bool]) -> Callable[[str], int]:
    """The longest beginning of a text that passes a check and ends where a group ends."""

    def confirm(text: str) -> int:
        ends = [len(text), *(place for place in range(len(text) - 1, 0, -1) if text[place] in " -")]
        return next((end for end in ends if check(text[:end])), 0)

    return confirm


def _passes_luhn(text: str) -> bool:
    digits = [int(character) for character in reversed(text) if character.isdecimal()]
    total = sum(sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(digits))
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and total % 10 == 0


def _is_iban(text: str) -> bool:
    compact = re.sub(r"[\s-]", "", text).upper()
    if not 15 <= len(compact) <= 34:
        return False
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


PERSONAL: tuple[Kind, ...] = (
    Kind(
        "email",
        r"\b[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}\b",
        (r"@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2}",),
    ),
    Kind(
        "card",
        r"\b\d(?:[ -]?\d){12,18}\b",
        tuple(rf"{digit}(?:[ -]?\d){{12}}" for digit in range(10)),
        _held_by(_passes_luhn),
    ),
    Kind(
        "iban",
        r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b",
        tuple(rf"{digit}(?<=[A-Z][A-Z]{digit})\d(?:[ -]?[A-Z0-9]){{11}}" for digit in range(10)),
        _held_by(_is_iban),
    ),
)
"""Personal data, each confirmed by its checksum where it has one."""
