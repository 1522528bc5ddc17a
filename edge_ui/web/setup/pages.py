"""What the pages of the first run show: one frozen dataclass per page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from node.domain.setup import FoundParent, MadeNode, SetupPlace


@dataclass(frozen=True, slots=True)
class CodePage:
    """The question for the code from the console."""

    error: str = ""


@dataclass(frozen=True, slots=True)
class ChoicePage:
    """Three doors."""

    folder: str


@dataclass(frozen=True, slots=True)
class SetupFormPage:
    """One of the three forms. `kind`: city, join or restore; `found`: nodes heard on the local network."""

    kind: str
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    q: str = ""
    places: tuple[SetupPlace, ...] = ()
    found: tuple[FoundParent, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadyPage:
    """The node is made and starts now, at the same address."""

    made: MadeNode
