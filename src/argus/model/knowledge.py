"""What the source of a node knows by itself, beside what it is given."""

from __future__ import annotations

import base64

from argus.model.record import Record

__all__ = ["SourceKnowledge", "packed", "unpacked"]


class SourceKnowledge(Record, frozen=True, kw_only=True):
    """The constants within reach of a node's code, and what the code can do with them.

    Texts are kept as fingerprints of their words only: enough to ask whether a word is among them, too little to read
    what stands there.

    Attributes:
        sealed: Whether nothing else can flow in: no file, service, model, configuration, question to a person, object
            of an unknown class or exception's text is within reach. Only then may anything be concluded from what is
            missing.
        numbers: The numeric constants.
        words: The fingerprints of all words of all texts, packed by :func:`packed`.
        sums: How many places add, subtract, sum up or average; joining texts with a plus counts too.
        subtracts: Whether any of them subtracts.
        folds: Whether any of them sums up or averages.
        products: How many multiplications, divisions and powers there are.
        counts: Whether it counts or measures lengths.
        negates: Whether it turns a sign around or takes it away.
        dates: Whether it makes or writes dates, or looks at a clock.
        rewrites: Whether it makes other letters of letters: encodes, reverses, transliterates, hashes.
        opaque: Whether it reckons in ways that no arithmetic over what it was given follows: powers, remainders,
            foreign functions, digits cut out of texts.
        repeats: Whether an operation may be carried out on its own result, in a loop or a helper, or on a
            rounded one.
        truncates: Whether it takes away digits before the point, or all after it.
        cuts: Whether it takes parts of texts or lists.
        glues: Whether it puts texts together with nothing in between.
    """

    sealed: bool = False
    numbers: tuple[float, ...] = ()
    words: str = ""
    sums: int = 0
    subtracts: bool = False
    folds: bool = False
    products: int = 0
    counts: bool = False
    negates: bool = False
    dates: bool = False
    rewrites: bool = False
    opaque: bool = False
    repeats: bool = False
    truncates: bool = False
    cuts: bool = False
    glues: bool = False


def packed(fingerprints: set[int]) -> str:
    """Numbers of 32 bits as text, in ascending order.

    Args:
        fingerprints: From ``argus._internal.words.fingerprint``.
    """
    return base64.b85encode(b"".join(number.to_bytes(4, "little") for number in sorted(fingerprints))).decode()


def unpacked(words: str) -> frozenset[int]:
    """The numbers in a text made by :func:`packed`; none when it is not one.

    Args:
        words: The text.
    """
    try:
        raw = base64.b85decode(words)
    except ValueError:
        return frozenset()
    return frozenset(int.from_bytes(raw[at : at + 4], "little") for at in range(0, len(raw) - 3, 4))
