"""What a node says of its direct children in its own journal: the note `heard` (DESIGN, "Heard, known, dated").

`at_ms`: up to this moment of the parent's clock it knows everything of every child that spoke. It is never later than what each of them
said itself, because a child's statement names the parent's time after which it was made. `advanced`: the last entry that the parent holds
of each child that wrote something since the `heard` before. `spoke`: of each child that was not silent the hash of the statement that the
parent goes by, `proofs` that statement with its signature: without it a word that a child spoke is worth nothing to anybody
else. `silent`: who said nothing for SILENT_AFTER_MS before the entry was written (its header's `recorded_at`). A child in between stands in
neither.

Children are named by the first 8 bytes of their id. Facts: {at: ms, advanced: ["1f…:epoch:seq"], silent: ["1f…"], spoke: hashes of 24
bytes, 8 of the child and 16 of its statement, proofs: 8 of the child, 64 of its signature and the statement}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from node.domain.model import Facts

KIND = "heard"
# A note of a child: its parent called it silent (`word`: that entry) and had signed that it spoke (`proofs`: both statements).
DISPUTED = "heard_disputed"
SPEAKS_MS = 15 * 60_000  # a child says something every ten minutes
SILENT_AFTER_MS = (
    22 * 60_000
)  # and has its parent's signature on that ten minutes later: before, it could not prove that it spoke
_NAME, _STATEMENT, SIGNATURE = 8, 16, 64  # bytes
T = TypeVar("T", str, bytes)


def name_of(node_id: bytes) -> bytes:
    """The 8 bytes by which a parent names a child."""
    return node_id[:_NAME]


@dataclass(frozen=True, slots=True)
class Heard:
    """By name (`name_of`): positions (epoch, seq) and hashes of statements."""

    at_ms: int
    advanced: Mapping[bytes, tuple[int, int]] = field(default_factory=dict)
    silent: frozenset[bytes] = frozenset()
    spoke: Mapping[bytes, bytes] = field(default_factory=dict)
    proofs: Mapping[bytes, bytes] = field(default_factory=dict)  # signature and statement

    def facts(self) -> Facts:
        """As they stand in the header."""
        return {
            "at": self.at_ms,
            "advanced": tuple(f"{name.hex()}:{epoch}:{seq}" for name, (epoch, seq) in sorted(self.advanced.items())),
            "silent": tuple(name.hex() for name in sorted(self.silent)),
            "spoke": tuple(name + statement for name, statement in sorted(self.spoke.items())),
            "proofs": tuple(name + proof for name, proof in sorted(self.proofs.items())),
        }


def read(facts: Facts) -> Heard | None:
    """What such a note says; None when it does not say when. What cannot be read in it is left out. Never raises."""
    at = facts.get("at")
    if not isinstance(at, int) or isinstance(at, bool):
        return None
    spoke = {one[:_NAME]: one[_NAME:] for one in _listed(facts, "spoke", bytes) if len(one) == _NAME + _STATEMENT}
    silent = {name for one in _listed(facts, "silent", str) if (name := _name(one))} - set(spoke)
    marks = dict(mark for one in _listed(facts, "advanced", str) if (mark := _mark(one)) is not None)
    proofs = {one[:_NAME]: one[_NAME:] for one in _listed(facts, "proofs", bytes) if len(one) > _NAME + SIGNATURE}
    return Heard(at, marks, frozenset(silent), spoke, proofs)


def _listed(facts: Facts, key: str, kind: type[T]) -> list[T]:
    found = facts.get(key)
    return [one for one in found if isinstance(one, kind)] if isinstance(found, tuple) else []


def _name(text: str) -> bytes:
    try:
        name = bytes.fromhex(text)
    except ValueError:
        return b""
    return name if len(name) == _NAME else b""


def _mark(text: str) -> tuple[bytes, tuple[int, int]] | None:
    name, _, position = text.partition(":")
    epoch, _, seq = position.partition(":")
    if not _name(name) or not (epoch.isascii() and epoch.isdigit() and seq.isascii() and seq.isdigit()):
        return None
    return (_name(name), (int(epoch), int(seq))) if max(len(epoch), len(seq)) < 18 else None
