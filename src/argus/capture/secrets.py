r"""The kinds of secrets that are recognised by how they look.

Each kind is a linear-time pattern. Where a kind needs its surroundings to be recognised, the group is the secret itself
and the rest stays readable (``Bearer [REDACTED:bearer]``). The ``hint`` finds at least everything that the pattern
finds, in JSON text, where a line break has become ``\n`` and a quote ``\"``: the recorder looks for hints in what it
has already encoded and takes the slow, exact way only when there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["PERSONAL", "SECRETS", "Kind", "assignments"]


class Kind(NamedTuple):
    """A kind of secret.

    Attributes:
        name: What stands in ``[REDACTED:name]``.
        pattern: Finds it in text.
        hint: Finds it in JSON text, and maybe more.
        confirm: A last check of what was found, which may run too far over several groups; how many of its characters
            hold, 0 for none. None when the pattern is enough.
    """

    name: str
    pattern: str
    hint: str
    confirm: Callable[[str], int] | None = None


_SPACE_IN_JSON = r"(?:\s|\\[nrtf])"


def _key(name: str, *patterns: str) -> Kind:
    """A token that begins with letters of its own; it starts where a word starts."""
    either = "|".join(patterns)
    return Kind(name, rf"\b(?:{either})", f"(?:{either})")


_PEM_HEAD = "-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"

SECRETS: tuple[Kind, ...] = (
    _key("anthropic", r"sk-ant-[A-Za-z0-9_-]{16,}"),
    _key("openai", r"sk-(?:proj|svcacct|admin|None|or-v1)-[A-Za-z0-9_-]{16,}", r"sk-[A-Za-z0-9]{20,}"),
    _key("aws", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"),
    Kind(
        "aws",
        r"""(?i:aws_?secret_?(?:access_?)?key)["']?\s*[:=]\s*["']?([A-Za-z0-9/+=]{40})""",
        "(?i:aws_?secret_?(?:access_?)?key)",
    ),
    _key("github", r"gh[pousr]_[A-Za-z0-9]{30,}", r"github_pat_[A-Za-z0-9_]{22,}"),
    _key("gitlab", r"glpat-[A-Za-z0-9_-]{20,}"),
    _key("slack", r"xox[abeoprs]-[A-Za-z0-9-]{10,}", r"xapp-[A-Za-z0-9-]{10,}"),
    Kind(
        "slack", r"hooks\.slack\.com/services/([A-Za-z0-9/_-]{20,})", r"hooks\.slack\.com\\?/services\\?/"
    ),
    _key("google", r"AIza[A-Za-z0-9_-]{35}", r"ya29\.[A-Za-z0-9_-]{20,}", r"GOCSPX-[A-Za-z0-9_-]{20,}"),
    _key("stripe", r"[rsp]k_(?:live|test)_[A-Za-z0-9]{10,}", r"whsec_[A-Za-z0-9+/=]{20,}"),
    _key("huggingface", r"hf_[A-Za-z0-9]{30,}"),
    _key("groq", r"gsk_[A-Za-z0-9]{40,}"),
    _key("xai", r"xai-[A-Za-z0-9]{40,}"),
    _key("replicate", r"r8_[A-Za-z0-9]{30,}"),
    _key("perplexity", r"pplx-[A-Za-z0-9]{40,}"),
    _key("langsmith", r"lsv2_(?:pt|sk)_[A-Za-z0-9_]{32,}"),
    _key("tavily", r"tvly-[A-Za-z0-9-]{20,}"),
    _key("pinecone", r"pcsk_[A-Za-z0-9_]{30,}"),
    _key("sendgrid", r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    _key("npm", r"npm_[A-Za-z0-9]{36}"),
    _key("pypi", r"pypi-[A-Za-z0-9_-]{50,}"),
    _key("digitalocean", r"do[opr]_v1_[a-f0-9]{64}"),
    _key("databricks", r"dapi[a-f0-9]{32}"),
    _key("jwt", r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"),
    Kind(
        "bearer",
        r"(?i:\bauthorization[\"']?\s*[:=]\s*[\"']?bearer\s+)([A-Za-z0-9._~+/=-]{6,})"
        r"|(?i:\bbearer\s+)([A-Za-z0-9._~+/=-]{20,})",
        rf"(?i:bearer){_SPACE_IN_JSON}+[A-Za-z0-9._~+/=-]{{6,}}",
    ),
    Kind(
        "basic",
        r"(?i:\bauthorization[\"']?\s*[:=]\s*[\"']?basic\s+)([A-Za-z0-9+/]{6,}={0,2})"
        r"|(?i:\bbasic\s+)([A-Za-z0-9+/]{20,}={0,2})",
        rf"(?i:basic){_SPACE_IN_JSON}+[A-Za-z0-9+/]{{6,}}",
    ),
    Kind(
        "private_key",
        rf"{_PEM_HEAD}[^-]*(?:-[^-]+)*(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)?",
        "-----BEGIN ",
    ),
    Kind(
        "url_password",
        r"""\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#:@"'<>\\]*:([^\s/@"'<>\\]+)@""",
        r"""://[^\s/?#:@"'<>]*:[^\s/@"'<>]+@""",
    ),
)  # fmt: skip
"""Keys and tokens of providers, authorization headers, private keys, passwords in URLs."""


def assignments(key_pattern: str) -> Kind:
    """Values of redacted keys inside text that is itself JSON, a printed dict, or a query string.

    Args:
        key_pattern: The keys, as one pattern without groups.
    """
    keys = f"(?i:{key_pattern})"
    return Kind(
        "",
        rf'"{keys}"\s*:\s*"((?:[^"\\]|\\.)+)'
        rf'|\\+"{keys}\\+"\s*:\s*\\+"((?:[^"\\]|\\+[^"\\])+)'
        rf"|'{keys}'\s*:\s*'((?:[^'\\]|\\.)+)"
        rf"""|'{keys}'\s*:\s*"((?:[^"\\]|\\.)+)"""
        rf"""|[?&]{keys}=([^\s&"'#\\]+)""",
        rf"""["'?&]{keys}(?:=|\\*["']{_SPACE_IN_JSON}*:)""",
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
        r"@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}",
    ),
    Kind("card", r"\b\d(?:[ -]?\d){12,18}\b", r"\d(?:[ -]?\d){12,}", _held_by(_passes_luhn)),
    Kind(
        "iban", r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b", r"[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,}", _held_by(_is_iban)
    ),
)
"""Personal data, each confirmed by its checksum where it has one."""
