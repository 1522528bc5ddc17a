"""No file of these packages imports in a circle: for types and inside functions counts too, because a reader follows those as well."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def files_of(package: str) -> dict[str, Path]:
    """Module name -> file."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(text: str, known: set[str]) -> set[str]:
    """The modules of `known` that a file imports, wherever in it."""
    found = set[str]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= whole & known
            found |= {node.module} if whole - known else set()
    return found & known


def circle(texts: dict[str, str]) -> list[str]:
    """The modules of one import circle, none when there is none."""
    graph = {name: imported(text, set(texts)) - {name} for name, text in texts.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("package", ["edge_ui", "node/store", "node/domain", "federation"])
def test_no_import_circle(package: str) -> None:
    assert circle({name: path.read_text("utf-8") for name, path in files_of(package).items()}) == []


@pytest.mark.parametrize(
    "back",
    ["from p.a import x", "if TYPE_CHECKING:\n    from p import a", "def f():\n    import p.a"],
    ids=["plain", "types", "function"],
)
def test_a_circle_of_any_kind_is_seen(back: str) -> None:
    assert circle({"p": "", "p.a": "from p.b import y", "p.b": back}) != []
    assert circle({"p": "", "p.a": "from p.b import y", "p.b": "import json"}) == []
