"""One address of a node.

A path is written as in the OpenAPI document; `{name}` matches one percent-encoded segment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge_ui.base import BaseHandler


@dataclass(frozen=True, slots=True)
class Route:
    """`name` is unique and becomes the operation id."""

    path: str
    handler: type[BaseHandler]
    name: str

    def pattern(self) -> str:
        return re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.path.replace(".", r"\.")) + "$"
