#!/usr/bin/env python3
"""How often the types of the product say nothing: `Any`, `dict[str, object]` and `cast`, per 1,000 lines (at most MOST, which only falls).

scripts/count_any.py           the figure, and the files that have most
scripts/count_any.py --check   exit status 1 when the figure is over MOST
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("node", "federation", "edge_ui")
MOST = 6.0  # per 1,000 lines
UNTYPED = re.compile(r"\b(?:dict|Mapping|MutableMapping)\[str, object\]")


def untyped(source: str) -> int:
    """`Any` and `cast` as names, and dictionaries of anything, in one file."""
    names = [token.string for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.NAME]
    return names.count("Any") + names.count("cast") + len(UNTYPED.findall(source))


def main() -> int:
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "_pb2" not in path.name]
    counts = {path: untyped(path.read_text("utf-8")) for path in files}
    lines = sum(path.read_text("utf-8").count("\n") for path in files)
    rate = 1000 * sum(counts.values()) / lines
    print(f"{rate:.1f} untyped places per 1,000 lines ({sum(counts.values())} in {lines}); at most {MOST:.0f}")
    if "--check" in sys.argv[1:]:
        return 0 if rate <= MOST else 1
    for path, count in sorted(counts.items(), key=lambda one: -one[1])[:25]:
        print(f"{count:4}  {path.relative_to(ROOT).as_posix()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
