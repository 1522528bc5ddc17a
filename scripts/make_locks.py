#!/usr/bin/env python3
"""The two lists of packages with their hashes, made from uv.lock.

scripts/make_locks.py           writes requirements.lock (what a node needs) and requirements-dev.lock (that, the tests and the
                                checks); needs `uv` on PATH, which is on PyPI
scripts/make_locks.py --check   without uv: both lists say what uv.lock says; every package a node needs has a wheel for each
                                machine a node runs on; together they are small enough for a village's line
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.own_python import enter  # noqa: E402

enter(__name__)

from packaging.tags import Tag  # noqa: E402
from packaging.utils import InvalidWheelFilename, parse_wheel_filename  # noqa: E402

LOCKS = {"requirements.lock": [], "requirements-dev.lock": ["--all-extras"]}
MOST_MB = 40.0  # of wheels for Linux x86-64
GLIBC = (2, 34)
PYTHONS = ("cp311", "cp312", "cp313")


@dataclass(frozen=True, slots=True)
class Wheel:
    """One wheel of a package: its tags and its size in bytes."""

    tags: frozenset[Tag]
    size: int


def _manylinux(platform: str, machine: str) -> bool:
    found = re.fullmatch(r"manylinux(?:_(\d+)_(\d+)|1|2010|2014)_(\w+)", platform)
    if found is None or found[3] != machine:
        return False
    return found[1] is None or (int(found[1]), int(found[2])) <= GLIBC


MACHINES: dict[str, Callable[[str], bool]] = {
    "Linux x86-64": lambda platform: platform == "any" or _manylinux(platform, "x86_64"),
    "Linux arm64": lambda platform: platform == "any" or _manylinux(platform, "aarch64"),
    "Windows x86-64": lambda platform: platform in ("any", "win_amd64"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when something is not as it should be")
    if parser.parse_args().check:
        faults = list(check())
        for fault in faults:
            print(fault)
        return 1 if faults else 0
    for name, extras in LOCKS.items():
        subprocess.run(["uv", "export", "--quiet", "--no-emit-project", *extras, "-o", name], cwd=ROOT, check=True)
    return 0


def check() -> Iterator[str]:
    """What is wrong, one sentence each."""
    locked = _locked()
    node = _listed("requirements.lock")
    for name in LOCKS:
        for package, version in _listed(name).items():
            if locked.get(package, ("", []))[0] != version:
                yield f"{name}: {package}=={version} is not what uv.lock says; run scripts/make_locks.py"
    yield from (f"requirements-dev.lock lacks {package}" for package in node.keys() - _listed("requirements-dev.lock").keys())
    for machine, fits in MACHINES.items():
        for python in PYTHONS:
            yield from _without_wheel(node, locked, machine, fits, python)
    size = sum(_smallest(locked[package][1], MACHINES["Linux x86-64"], "cp311") for package in node if package in locked) / 1e6
    if size > MOST_MB:
        yield f"the wheels of a node on Linux x86-64 are {size:.0f} MB, at most {MOST_MB:.0f} are wanted"


def _without_wheel(
    node: dict[str, str], locked: dict[str, tuple[str, list[Wheel]]], machine: str, fits: Callable[[str], bool], python: str
) -> Iterator[str]:
    for package in node:
        if package in locked and not any(_runs(wheel, fits, python) for wheel in locked[package][1]):
            yield f"{package} has no wheel for {machine}, {python}"


def _runs(wheel: Wheel, fits: Callable[[str], bool], python: str) -> bool:
    return any(fits(tag.platform) and _serves(tag, python) for tag in wheel.tags)


def _serves(tag: Tag, python: str) -> bool:
    """Whether a tag is for this CPython: its own, the stable interface of one before, or any Python 3."""
    minor = int(python[3:])
    if tag.interpreter == python and tag.abi == python:
        return True
    if tag.abi == "abi3" and tag.interpreter.startswith("cp3"):
        return int(tag.interpreter[3:]) <= minor
    return tag.abi == "none" and tag.interpreter in ("py3", "py2.py3", f"py3{minor}")


def _smallest(wheels: list[Wheel], fits: Callable[[str], bool], python: str) -> int:
    return min((wheel.size for wheel in wheels if _runs(wheel, fits, python)), default=0)


def _listed(name: str) -> dict[str, str]:
    """Package -> version of a list."""
    rows = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    return dict(rows)


def _locked() -> dict[str, tuple[str, list[Wheel]]]:
    """Package -> (version, wheels) of uv.lock."""
    document = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    return {one["name"]: (one.get("version", ""), list(_wheels(one.get("wheels", [])))) for one in document["package"]}


def _wheels(rows: list[dict[str, object]]) -> Iterator[Wheel]:
    for row in rows:
        size = row.get("size")
        try:
            tags = parse_wheel_filename(str(row["url"]).rsplit("/", 1)[-1])[3]
        except InvalidWheelFilename:
            continue
        yield Wheel(tags, size if isinstance(size, int) else 0)


if __name__ == "__main__":
    raise SystemExit(main())
