"""What the product defines, the product uses: a function that only tests call is a promise that nobody keeps."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("node", "federation", "edge_ui")
# called by a library under this name, or meant for the tests of what comes (two clocks side by side), by name and reason
FOREIGN = {
    "set_default_headers", "log_exception", "set_extra_headers", "on_head",  # tornado
    "handleError", "writable",  # logging, io
}  # fmt: skip
FOR_TESTS = {"from_seed", "sign_entry", "each_case", "timed_branch", "derived_of"}


def test_nothing_is_defined_that_the_product_never_names() -> None:
    sources = {path: path.read_text("utf-8") for one in PRODUCT for path in (ROOT / one).rglob("*.py")}
    others = [path.read_text("utf-8") for path in (ROOT / "edge_ui" / "templates").rglob("*.html")]
    others += [path.read_text("utf-8") for path in (ROOT / "scripts").rglob("*") if path.is_file() and path.suffix in ("", ".py")]
    others.append((ROOT / "pyproject.toml").read_text("utf-8"))
    used = Counter(word for text in (*sources.values(), *others) for word in re.findall(r"\w+", text))
    unused = {
        one.name: path.relative_to(ROOT).as_posix()
        for path, text in sources.items()
        for one in ast.walk(ast.parse(text))
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and used[one.name] == 1 and not one.name.startswith("__") and not any(_registers(by) for by in one.decorator_list)
    }  # fmt: skip
    assert {name: at for name, at in unused.items() if name not in FOREIGN | FOR_TESTS} == {}


def _registers(decorator: ast.expr) -> bool:
    """Whether a decorator keeps what it is given: a migration, a command."""
    return isinstance(decorator, ast.Call)
