"""The two READMEs say the same, what they name exists, and every package says why it is as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from node.cli import app

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
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


def test_both_languages_show_the_same_commands() -> None:
    assert blocks("README.md") == blocks("README.zh-CN.md")


@pytest.mark.parametrize("name", READMES)
def test_links_lead_somewhere(name: str) -> None:
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text(name)) if "://" not in target]
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_command_and_option_exists() -> None:
    command = get_command(app)
    known = vars(command)["commands"]
    seen = 0
    for line in "\n".join(blocks("README.md")).splitlines():
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
