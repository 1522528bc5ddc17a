"""A service asks the table of roles itself, before it looks anything up: whoever calls it, nobody goes round that."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial

import pytest

import edge_ui.ports
from edge_ui.center import CenterPort
from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.services.center import Center
from tests.support.network import Town, four_tiers

SAMPLE: dict[str, object] = {
    "str": "x1", "str | None": None, "int": 1, "int | None": None, "bool": False, "bytes": b"x", "object": {}, "list[str]": ["x1"],
    "Sequence[str]": ["x1"],    "Mapping[str, str]": {}, "Mapping[str, object]": {}, "JsonObject": {},
}  # fmt: skip
NOBODY = {"township": Role.AGENT, "village": Role.REVIEWER}  # a role that the tier has not, so no function is its own
PORTS = [*(name for name, one in vars(CenterPort).items() if isinstance(one, property)), "editor.views", "editor.imports"]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = four_tiers(tmp_path_factory.mktemp("ports"))
    yield made
    made.close()


def protocol_of(name: str) -> type:
    """The Protocol of `name` in the namespace."""
    found: dict[str, type] = {}
    for one in pkgutil.iter_modules(edge_ui.ports.__path__):
        found |= {k: v for k, v in vars(importlib.import_module(f"edge_ui.ports.{one.name}")).items() if inspect.isclass(v)}
    first, _, rest = name.partition(".")
    given = vars(CenterPort)[first].fget.__annotations__["return"]
    return found[{"views": "CatalogViewsPort", "imports": "CatalogImportsPort"}.get(rest, given)]


def asked(center: Center, name: str) -> Iterator[tuple[str, Callable[[Actor], object]]]:
    """The methods of a port that take a person, each to be called about nothing that exists."""
    service: object = center
    for part in name.split("."):
        service = getattr(service, part)
    for method, one in inspect.getmembers(protocol_of(name), inspect.isfunction):
        given = inspect.signature(one).parameters
        if person := {"actor", "by"} & set(given):
            needed = {k: SAMPLE[p.annotation] for k, p in given.items() if k not in {"self", *person} and p.default is p.empty}
            yield f"{name}.{method}", partial(_ask, getattr(service, method), needed, person)


def _ask(method: Callable[..., object], needed: dict[str, object], person: set[str], who: Actor) -> object:
    return method(**needed, **dict.fromkeys(person, who))


@pytest.mark.parametrize("tier", NOBODY)
def test_every_port_refuses_who_has_not_the_function_before_anything_else(town: Town, tier: str) -> None:
    center, who, wrong, seen = town[tier].center, Actor("s-nobody", NOBODY[tier], "某"), [], 0
    before = center.upkeep.status()["journal"]["entries"]
    for port in PORTS:
        if port in ("place", "name", "clock", "test_clock"):
            continue
        for name, ask in asked(center, port):
            seen += 1
            try:
                wrong.append((name, ask(who)))
            except TongbanError as error:
                if error.code != "forbidden":
                    wrong.append((name, error.code))
    assert wrong == [] and seen > 70
    assert center.upkeep.status()["journal"]["entries"] == before
