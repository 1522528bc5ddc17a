"""Requests made from the OpenAPI document (schemathesis), right and wrong ones, with the ids of real cases and tokens of several roles.

Whatever is sent, nothing breaks (no 500), every answer is one that the document promises, and whoever may not read an application
sees nothing of the applicant. The seed is fixed: the same requests each time.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from edge_ui.api.openapi import describe
from edge_ui.routes import API
from tests.ui.real import Site

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
APPLICANT = ("欧阳建国", "420106198702079963", "15412345678", "保成社区1组1号")
OF_FORM = {
    "malformed",
    "bad_character",
    "missing",
    "too_long",
    "wrong_type",
    "not_a_choice",
    "not_both",
}  # of what the document allows, none
BLIND = ("", "overseer")  # who is to see nothing of an applicant: residents without a code, and supervision
ROLES = ("", "clerk", "director", "overseer", "integration")
ACTIONS = ("accept", "refuse", "request_correction", "hand_over", "pause", "decide", "approve", "void", "no_such_action")
SCHEMA: Any = schemathesis.openapi.from_dict(describe(API, "1"))
OPERATIONS = {f"{one.method.upper()} {one.path}": one for one in (found.ok() for found in SCHEMA.get_all_operations())}


class Ids:
    """What a path can name: real things of the node, beside what was made up."""

    def __init__(self, site: Site) -> None:
        actor = site.actor("township", "clerk")
        made = [site.center("township").intake.file(site.town.application("township"), actor) for _ in range(2)]
        self.codes = {one.case_no: one.query_code for one in made}
        issued = {role: site.center("township").tokens.issue(f"fuzz {role}", role) for role in ROLES if role}
        self.tokens = {"": "", **issued}
        self.paths = {
            "no": [*self.codes, next(iter(self.codes)).lower(), "420102002003-261123-K70-0001-5"],
            "id": ["ZW007", "zw007", "no"], "n": ["0", "9", "x"], "version": ["1", "x"],
            "action": list(ACTIONS), "material": ["1", "身份证", "0"], "paper": ["receipt", "acceptance", "x"],
            "monitor": ["time", "fee", "x"], "month": ["2026-03", "2026-13", "x"],
        }  # fmt: skip


@pytest.fixture(scope="module")
def ids(site: Site) -> Ids:
    return Ids(site)


def real(case: Any, ids: Ids, draw: st.DataObject) -> Any:
    """The request with real ids in three of four cases."""
    if draw.draw(st.integers(0, 3)) and case.path_parameters:
        case.path_parameters = {name: draw.draw(st.sampled_from(ids.paths[name])) for name in case.path_parameters}
    if "/public/cases/" in case.path and draw.draw(st.booleans()):
        case.query = {"code": draw.draw(st.sampled_from(list(ids.codes.values())))}
    return case


def excluded(case: Any) -> bool:
    """Whether two parameters were sent of which the document says that they are not sent together."""
    given = {name for name, value in (case.query or {}).items() if value not in ("", None)}
    described = case.operation.definition.raw.get("parameters", [])
    return any({one["name"], one["x-not-with"]} <= given for one in described if "x-not-with" in one)


def faults(document: Any) -> list[str]:
    """The codes of a refusal: its own, and those of its fields."""
    return [document["error"]["code"], *(one["code"] for one in document["error"]["fields"].values())]


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("role", ROLES)
def test_whatever_is_sent_the_answer_is_one_that_is_promised(name: str, role: str, site: Site, ids: Ids) -> None:
    operation = OPERATIONS[name]
    served = f"http://127.0.0.1:{site.served['township'].port}"
    headers = {"Authorization": f"Bearer {ids.tokens[role]}"} if role else {}

    @seed(17)
    @settings(max_examples=2, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(draw=st.data())
    def sent(draw: st.DataObject) -> None:
        mode = draw.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
        case = real(draw.draw(operation.as_strategy(generation_mode=mode)), ids, draw)
        site.ticks.at += 600
        answer = case.call(base_url=served, headers=headers, timeout=20)
        case.validate_response(answer, checks=CHECKS)
        if mode == GenerationMode.POSITIVE and case.method == "GET":
            promised = OF_FORM - ({"not_both"} if excluded(case) else set())
            assert answer.status_code not in (400, 422) or not promised & set(faults(answer.json())), answer.text
        if role in BLIND:
            assert not [word for word in APPLICANT if word in answer.text]

    sent()
