"""Every file that a document names is there, so that a move of files takes its documents along."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from node.domain.words.house import HOUSE

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("node", "federation", "edge_ui", "protos", "configs", "scripts", "tests", "docs")
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for place in SOURCES
    for path in (ROOT / place).rglob("*.md")
    if path.name == "DESIGN.md" or place == "docs"
) + ["DESIGN.md", "README.md", "README.zh-CN.md"]
FILES = [path for place in SOURCES for path in (ROOT / place).rglob("*") if "__pycache__" not in path.parts]
NAMED = re.compile(r"`([\w.][\w./*-]*)`")
SUFFIXES = (".py", ".proto", ".html", ".css", ".js", ".csv", ".sh")
OF_A_NODE = re.compile(r"node\.db|config\.toml|.*\.pem|.*-file\.csv")  # files of a node or of whoever reads, not of the tree


def named(page: str) -> set[str]:
    """The files and folders of the tree that a page names: a path that ends with `/` or begins in a source folder, or a module."""
    spans = NAMED.findall((ROOT / page).read_text(encoding="utf-8"))
    found = {one for one in spans if one.endswith(SUFFIXES) or (one.partition("/")[0] in SOURCES and "/" in one)}
    return {one for one in found if not OF_A_NODE.fullmatch(one)}


def is_there(page: str, name: str) -> bool:
    """From the root, from the page, or somewhere below the page's folder by its last parts."""
    home = (ROOT / page).parent
    if "*" in name:
        return any(ROOT.glob(name)) or any(home.rglob(name))
    if (ROOT / name).exists() or (home / name).exists():
        return True
    below = home if page.endswith("DESIGN.md") else ROOT
    return any(path.as_posix().endswith("/" + name.rstrip("/")) and below in path.parents for path in FILES)


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    assert sorted(name for name in named(page) if not is_there(page, name)) == []


def test_the_files_are_found() -> None:
    assert sum(len(named(page)) for page in PAGES) > 150


CODE = {path.suffix for path in FILES} & {".py", ".proto", ".toml", ".json", ".html", ".js", ".css"}
KNOWN = frozenset(
    word
    for path in FILES
    if path.suffix in CODE
    for word in re.findall(r"\w+", path.read_text("utf-8", "ignore") + " " + path.stem)
) | {path.stem for path in FILES}
REJECTED = {"staff_named", "tb_session_CODE", "tb_station_CODE"}  # what was not built; a name with a code in it
NAME = re.compile(r"`([A-Za-z]\w*(?:\.\w+)*)(?:\(\))?`")


@pytest.mark.parametrize("page", [page for page in PAGES if page.endswith("DESIGN.md")])
def test_every_name_of_the_code_in_a_design_is_in_the_code(page: str) -> None:
    """Functions, kinds, facts and columns that are told of; so what is renamed takes its words along."""
    text = re.sub(r"(?s)```.*?```", "", (ROOT / page).read_text(encoding="utf-8"))
    names = {one for one in NAME.findall(text) if ("_" in one or "." in one) and not one.endswith(SUFFIXES)}
    assert sorted(one for one in names - REJECTED if not set(one.split(".")) <= KNOWN) == []


@pytest.mark.parametrize("word", HOUSE)
def test_a_word_of_the_house_says_where_to_read_on(word: str) -> None:
    assert (ROOT / HOUSE[word].file).exists()
    assert HOUSE[word].means.endswith((".", "?")) and HOUSE[word].means.isascii()
