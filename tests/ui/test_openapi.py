"""The OpenAPI document: every route is described, every error code exists, every reference leads somewhere."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Iterator
from typing import Any

from edge_ui.api.base import ApiHandler
from edge_ui.api.openapi import describe
from edge_ui.api.operations import STATUSES
from edge_ui.routes import API, ROUTES
from node.domain.papers.papers import PAPERS
from node.domain.supervision.rulebook import RULES
from node.domain.words.refusals import ERRORS
from tests.ui.real import Site

METHODS = {"get", "head", "post", "put", "delete"}


def document() -> dict[str, Any]:
    return describe(API, "1")


def test_every_api_route_is_described_with_all_its_methods() -> None:
    paths = document()["paths"]
    assert set(paths) == {route.path for route in API} and len(paths) == len(API)
    for route in API:
        assert issubclass(route.handler, ApiHandler)
        described = {verb.upper() for verb in set(paths[route.path]) & METHODS}
        assert described | {"HEAD"} == set(route.handler.verbs()) | {"HEAD"}, route.path
        assert paths[route.path]["description"] and set(re.findall(r"{(\w+)}", route.path)) == {
            p["name"] for p in paths[route.path].get("parameters", [])
        }


def test_the_endpoints_of_the_interface_are_there() -> None:
    wanted = """/cases /cases/{no} /cases/{no}/actions/{action} /cases/{no}/materials/{material} /requests/{id}
    /cases/{no}/papers /cases/{no}/papers/{paper} /cases/{no}/papers/{paper}/correct /cases/{no}/papers/{paper}/revoke /cases/{no}/messages
    /public/verify /catalog/items /catalog/items/{id} /stats /public/cases/{no} /public/items /public/search /openapi.json
    /oversight/cases /oversight/cases/{no} /oversight/desk /oversight/units
    /oversight/analysis /oversight/shares /oversight/items /oversight/nodes /oversight/monitors/{monitor} /oversight/findings
    /oversight/cards /oversight/cards/{id} /oversight/orders
    /oversight/cards/{id}/appeal /oversight/appeals /oversight/appeals/{id} /oversight/appeals/{id}/{action}
    /oversight/appeals/{id}/evidence/{n} /oversight/findings/{id}/confirm
    /oversight/cases/{no}/examine /oversight/reminders /oversight/reminders/{id}/answer
    /oversight/orders/{id} /oversight/orders/{id}/{action} /oversight/orders/{id}/papers/order /oversight/orders/{id}/attachments/{version}/{n}
    /oversight/scores /oversight/acceptance
    /reports/monthly /reports/monthly/cases /reports/monthly/signals /reports/monthly/{month}/submit /reports/period
    /oversight/explain /public/explain /notices/inbound"""
    paths = set(document()["paths"])
    assert {f"/api/v1{path}" for path in wanted.split()} | {"/healthz", "/metrics", "/join"} == paths


def test_every_documented_error_exists_and_stands_at_its_status() -> None:
    for path, item in document()["paths"].items():
        for verb in set(item) & METHODS:
            for status, response in item[verb]["responses"].items():
                assert response["description"], (path, verb)
                for code in response.get("x-error-codes", []):
                    assert ERRORS[code].status == int(status), (path, verb, code)


def test_what_excludes_each_other_is_said_and_refused(site: Site) -> None:
    token, found = site.center("township").tokens.issue("excluded", "director"), 0
    for path, item in document()["paths"].items():
        described = {one["name"]: one for one in item.get("get", {}).get("parameters", []) if one["in"] == "query"}
        for name, one in described.items():
            if other := one.get("x-not-with"):
                assert f"`{other}`" in one["description"]
                values = {each: described[each]["schema"]["enum"][0] for each in (name, other)}
                answer = site.client("township").get(f"{path}?{urllib.parse.urlencode(values)}", token)
                assert answer.status == 422 and json.loads(answer.text)["error"]["fields"][name]["code"] == "not_both", path
                found += 1
    assert found


def test_the_document_is_sound() -> None:
    found = document()
    text = json.dumps(found)
    assert found["openapi"] == "3.1.0" and found["info"]["title"] and found["info"]["version"]
    schemas = found["components"]["schemas"]
    assert set(re.findall(r'"#/components/schemas/(\w+)"', text)) <= set(schemas)
    names = [item[verb]["operationId"] for item in found["paths"].values() for verb in set(item) & METHODS]
    assert len(names) == len(set(names))
    for item in found["paths"].values():
        for verb in set(item) & METHODS:
            for parameter in item[verb].get("parameters", []):
                assert parameter["in"] in ("query", "header", "path") and parameter["schema"]


def test_what_may_be_asked_of_findings_and_signals_is_named() -> None:
    paths = document()["paths"]
    enums = {
        (path, one["name"]): set(one["schema"].get("enum", ()))
        for path in ("/api/v1/oversight/findings", "/api/v1/oversight/cards")
        for one in paths[path]["get"]["parameters"]
    }
    assert enums["/api/v1/oversight/cards", "rule"] == {*RULES, "order"}
    assert enums["/api/v1/oversight/findings", "rule"] > {*RULES, "beyond_tier", "fork"}


def test_every_route_is_reached_and_the_api_has_no_two_for_a_path() -> None:
    for route in ROUTES:
        path = re.sub(r"{\w+}", "X", route.path)
        found = [other.name for other in ROUTES if re.fullmatch(other.pattern(), path)]
        assert found[0] == route.name and (len(found) == 1 or route not in API)


def test_it_is_served_without_a_token(site: Site) -> None:
    answer = site.client("village").get("/api/v1/openapi.json")
    assert answer.status == 200 and answer.json() == describe(API, "1.0.0")


def test_the_lists_of_words_have_no_doubles() -> None:
    assert len(STATUSES) == len(set(STATUSES)) == 18 and len(PAPERS) == len(set(PAPERS)) == 42


def test_what_a_case_answers_is_what_its_type_promises(site: Site) -> None:
    """The schema is made from the type of the document: every member is described, none is missing, and of its kind."""
    made = site.center("township").intake.file(site.town.application("township"), site.actor("township", "clerk"))
    no, code = made.case_no, made.query_code
    schemas = document()["components"]["schemas"]
    token = site.center("township").tokens.issue("reader", "director")
    client = site.client("township")
    for path, name in (
        (f"/api/v1/cases/{no}", "Case"),
        ("/api/v1/cases", "CaseList"),
        (f"/api/v1/cases/{no}/papers", "PaperList"),
        ("/api/v1/catalog/items", "ItemList"),
        ("/api/v1/catalog/items/ZW007", "Item"),
        ("/api/v1/stats", "Stats"),
        ("/api/v1/oversight/cases", "OversightCases"),
        ("/api/v1/oversight/nodes", "OversightNodes"),
        ("/api/v1/oversight/findings", "Findings"),
        ("/api/v1/public/items?q=ZW007", "ItemsFound"),
        ("/api/v1/public/search?q=ZW007", "ItemsSearched"),
        (f"/api/v1/public/cases/{no}?code={code}", "PublicCase"),
    ):
        answer = client.get(path, token)
        assert answer.status == 200, answer.text
        flaws = list(unfit(answer.json(), schemas[name], schemas, name))
        assert not flaws, flaws


KINDS: Any = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "number": (int, float),
    "object": dict,
    "array": list,
    "null": type(None),
}


def unfit(value: Any, schema: dict[str, Any], schemas: dict[str, Any], where: str) -> Iterator[str]:
    """Where a value is not what a schema says; members that it does not name count too."""
    if "$ref" in schema:
        yield from unfit(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, where)
        return
    if "anyOf" in schema:
        if all(list(unfit(value, one, schemas, where)) for one in schema["anyOf"]):
            yield where
        return
    kinds = schema.get("type", [])
    wanted = [kinds] if isinstance(kinds, str) else kinds
    if (wanted and not any(isinstance(value, KINDS[one]) for one in wanted)) or value not in schema.get("enum", [value]):
        yield f"{where}: {value!r}"
    elif isinstance(value, dict) and "properties" in schema:
        yield from (f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value)
        for name, one in value.items():
            if name not in schema["properties"]:
                yield f"{where}.{name} is not described"
            else:
                yield from unfit(one, schema["properties"][name], schemas, f"{where}.{name}")
    elif isinstance(value, dict) and "additionalProperties" in schema:
        for name, one in value.items():
            yield from unfit(one, schema["additionalProperties"], schemas, f"{where}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from unfit(one, schema.get("items", {}), schemas, where + "[]")
