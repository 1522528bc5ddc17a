"""What JSON can hold, as types. Only for values that may really be any JSON; a document that is known is a TypedDict of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | None"  # a str is told apart before a Sequence
JsonObject: TypeAlias = Mapping[str, Json]
