"""The lists of materials on a paper: what was handed in, what is lacking, what is to be corrected. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from node.domain.cases.corrections import MISSING, PAPER, copies, held, required_missing
from node.domain.catalog.item import LICENCE
from node.domain.papers.given import Sources, material_name

ELECTRONIC, _TO_COME = "电子件", "（文件待传）"
_FORMS = {"original": "原件", "copy": "复印件", "electronic": ELECTRONIC}


def materials(s: Sources) -> list[dict[str, str]]:
    """What was handed in by the act of the paper: name, how it is held, how many; of a correction what came for it."""
    if s.basis.paper == "receipt" and s.basis.event.kind in ("correction_supplied", "gap_filled"):
        return _supplied(s)
    rows = [
        {"name": name, **_as_held(s, index, declared)} for index, name, declared in _named(s) if held(s.case, index) != MISSING
    ]
    rows += [
        {"name": name, **_as_held(s, code, {})} for code, name in s.former.items() if held(s.case, code) != MISSING
    ]  # what an earlier list of the item asked for
    return [{"n": str(n), **row} for n, row in enumerate(rows, 1)]


def _named(s: Sources) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
    """(index, name, what the application says of it) of the item's materials and of what came beside them."""
    given = s.application.get("attachments")
    rows = [one for one in (given if isinstance(given, list) else ()) if isinstance(one, Mapping)]
    declared = {str(one.get("material", "")).strip(): one for one in rows}
    names = dict.fromkeys((*(material.name for material in s.item.materials), *declared))
    return [(str(place), name, declared.get(name, {})) for place, name in enumerate(names)]


def _as_held(s: Sources, index: str, declared: Mapping[str, Any]) -> dict[str, str]:
    """Originals on paper with their count, or the file as it was declared; one whose content has not come says so."""
    if held(s.case, index) == PAPER:
        return {"form": "纸质原件", "copies": str(copies(s.case, index))}
    form = str(declared.get("form") or "")
    word = _FORMS.get(form, form or ELECTRONIC)
    return {"form": word if _has_content(s, index) else word + _TO_COME, "copies": str(declared.get("copies") or 1)}


def in_hand(s: Sources) -> list[dict[str, str]]:
    """What was handed in and has come: nothing else can be given back."""
    return [row for row in materials(s) if not row["form"].endswith(_TO_COME)]


def _has_content(s: Sources, index: str) -> bool:
    """A filing and its files are several entries: a receipt counts the files that followed it."""
    case = s.now if s.basis.paper == "receipt" else s.case
    return any(place == index and blob for place, blob, _ in case.materials)


def lacking(s: Sources) -> list[dict[str, str]]:
    """What the item requires and is not there at the act of the paper."""
    return [{"n": str(n), "name": name} for n, (_, name) in enumerate(required_missing(s.case, s.item), 1)]


def gap(s: Sources) -> list[dict[str, str]]:
    """What is to follow (容缺): as the act lists it, before it what is missing; with the form in which it is wanted."""
    promised = s.basis.event.facts.get("gap")
    wanted = promised if isinstance(promised, tuple) else tuple(index for index, _ in required_missing(s.case, s.item))
    known = {str(place): one for place, one in enumerate(s.item.materials)}
    rows = [known[str(one)] for one in wanted if str(one) in known]
    return [
        {"n": str(n), "name": one.name, "form": _FORMS.get(one.form, one.form), "copies": str(one.copies), "problem": "暂缺"}
        for n, one in enumerate(rows, 1)
    ]


def is_complete(s: Sources) -> bool:
    """Whether everything that the item requires lies here, as a file with its content or on paper."""
    needed = [str(place) for place, material in enumerate(s.item.materials) if material.required]
    return all(held(s.case, one) == PAPER or _has_content(s, one) for one in needed)


def _supplied(s: Sources) -> list[dict[str, str]]:
    files, papers = (s.basis.event.facts.get(name) for name in ("files", "papers"))
    rows = [(material_name(s, one), "电子件", "1") for one in files] if isinstance(files, tuple) else []
    for one in papers if isinstance(papers, tuple) else ():
        material, _, count = str(one).partition(":")
        rows.append((material_name(s, material), "纸质原件", count or "1"))
    return [{"n": str(n), "name": name, "form": form, "copies": count} for n, (name, form, count) in enumerate(rows, 1)]


def corrections(s: Sources) -> list[dict[str, str]]:
    """Row by row material, problem, basis. One text for several materials stands once, beside all of them."""
    codes = s.basis.event.facts.get("items")
    names = [material_name(s, code) for code in codes] if isinstance(codes, tuple) else []
    content = [line.strip() for line in str(s.body.get("content", "")).splitlines() if line.strip()]
    basis = str(s.body.get("basis", "")) or (s.item.legal_basis if s.item.regime == LICENCE else "")
    if len(names) != len(content):
        names, content = ["、".join(name for name in names if name) or "—"], ["\n".join(content)]
    return [
        {"n": str(n), "name": name, "problem": problem, "basis": basis}
        for n, (name, problem) in enumerate(zip(names, content, strict=True), 1)
    ]
