"""The two READMEs say the same, what they name exists, and every package says why it is as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from node.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
PAIRS = (READMES, ("docs/operating.md", "docs/operating.zh-CN.md"))
PAGES = tuple(name for pair in PAIRS for name in pair)
PACKAGES = (
    "node",
    "node/domain",
    "node/store",
    "node/services",
    "federation",
    "edge_ui",
    "protos",
    "configs",
    "scripts",
    "tests",
)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str) -> list[str]:
    return re.findall(r"```\w*\n(.*?)```", text(name), re.DOTALL)


def untranslated(name: str) -> list[str]:
    """The blocks without what may be in either language: comments, and the labels of a diagram."""
    found = []
    for block in blocks(name):
        if block.startswith("flowchart"):
            found.append(re.sub(r'"[^"\n]*"', '""', block))
        else:
            found.append(re.sub(r"(?m)(^|[ ]+)# .*$", "", block))
    return found


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0])
def test_both_languages_show_the_same_commands(pair: tuple[str, str]) -> None:
    assert blocks(pair[0])
    assert untranslated(pair[0]) == untranslated(pair[1])


def anchors(page: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    heads = re.findall(r"(?m)^#+ (.*)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", text(name)) if "://" not in target]
    assert targets
    for target in targets:
        path, _, anchor = target.partition("#")
        there = page.parent / path if path else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def test_every_command_and_option_exists() -> None:
    command = get_command(app)
    known = vars(command)["commands"]
    seen = 0
    for line in "\n".join(blocks("README.md") + blocks("docs/operating.md")).splitlines():
        for words in re.findall(r"tongban ((?:[a-z-]+ )*[a-z-]+)[^|;)]*", line):
            name, *rest = words.split()
            assert name in known, line
            found = known[name]
            if hasattr(found, "commands") and rest:
                assert rest[0] in found.commands, line
                found = found.commands[rest[0]]
            options = {option for parameter in found.params for option in parameter.opts}
            if line.count("tongban ") == 1:
                assert set(re.findall(r"(?<= )--[a-z-]+", line)) <= options, line
            seen += 1
    assert seen > 10


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_why(package: str) -> None:
    assert len((ROOT / package / "DESIGN.md").read_text(encoding="utf-8")) > 200
