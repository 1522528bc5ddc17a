"""What the web side asks of a node (`edge_ui/ports`): every method says its errors, and every port is really there."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable

import pytest

import edge_ui.ports
from edge_ui.center import CenterPort, Clock
from node.domain.words.refusals import ERRORS

AREAS = [importlib.import_module(f"edge_ui.ports.{one.name}") for one in pkgutil.iter_modules(edge_ui.ports.__path__)]
PORTS: list[type] = [
    Clock,
    *(one for area in AREAS for one in vars(area).values() if inspect.isclass(one) and one.__module__ == area.__name__),
]
METHODS = [
    pytest.param(method, id=f"{port.__name__}.{name}")
    for port in PORTS
    for name, method in vars(port).items()
    if inspect.isfunction(method) and not name.startswith("_")
]
ERRORS_SAID = re.compile(r"\bErrors: (.+)\Z", re.S)
CODE = re.compile(r"`([a-z_]+)`")


def codes_of(text: str) -> list[str]:
    """The codes a docstring names after `Errors:`; no list at all is a KeyError, `none` an empty one."""
    said = ERRORS_SAID.search(inspect.cleandoc(text))
    if said is None:
        raise KeyError("no Errors: in the docstring")
    if said.group(1).startswith("none."):
        return []
    codes = CODE.findall(said.group(1))
    if not codes or (unknown := set(codes) - set(ERRORS)):
        raise KeyError(f"no such code: {unknown if codes else said.group(1)}")
    return codes


@pytest.mark.parametrize("method", METHODS)
def test_a_method_of_a_port_says_its_errors(method: Callable[..., object]) -> None:
    codes = codes_of(method.__doc__ or "")
    if {"actor", "by"} & set(inspect.signature(method).parameters):
        assert "forbidden" in codes, "who may is asked by the service itself"


@pytest.mark.parametrize("text", ["", "Does it.", "Errors: forbidden.", "Errors: `forbiden`.", "Errors: `forbidden`, `gone`."])
def test_a_docstring_without_errors_or_with_a_code_that_does_not_exist_is_found(text: str) -> None:
    with pytest.raises(KeyError):
        codes_of(text)
    assert codes_of("Does it. Errors: `forbidden`, `not_found` also for a wrong code.") == ["forbidden", "not_found"]
    assert codes_of("Errors: none.") == []


def test_every_port_stands_in_the_namespace_and_nothing_else_does() -> None:
    """`CenterPort` has no methods: what is asked goes to a port."""
    assert [name for name, one in vars(CenterPort).items() if inspect.isfunction(one) and not name.startswith("_")] == []
    given = {one.fget.__annotations__["return"] for one in vars(CenterPort).values() if isinstance(one, property) and one.fget}
    nested = {"CatalogViewsPort", "CatalogImportsPort", "SetupPort", "PublishedPort"}
    assert {one.__name__ for one in PORTS if one.__name__.endswith("Port")} - nested == given - {"Place", "str", "Clock", "bool"}
