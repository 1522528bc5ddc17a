"""The OpenAPI 3.1 document, made from the route table and the operations of its handlers.

Nothing is written twice: paths and parameters come from the routes, refusals from the error table, documents from `schemas.py`.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from edge_ui.api.base import ApiHandler
from edge_ui.api.operations import Answer, Operation, Param
from edge_ui.api.schemas import SCHEMAS
from edge_ui.route import Route
from node.domain.words.refusals import ERRORS

_NAMES = {
    "no": "The case number.",
    "action": "An action of the lifecycle.",
    "material": "The material's name or index.",
    "paper": "The paper's code.",
    "id": "The identifier.",
    "n": "The number of the file, from 0.",
    "month": "A month, YYYY-MM.",
    "version": "The version of the order that was answered.",
    "monitor": "A monitor: time, process, logic, anomaly, fee or disclosure.",
}


def describe(routes: tuple[Route, ...], version: str) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, Any] = {}
    for route in routes:
        if issubclass(route.handler, ApiHandler):
            paths[route.path] = _path(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tongban 通办", "version": version, "description": "One government service center node."},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _path(route: Route) -> dict[str, Any]:
    handler: type[ApiHandler] = route.handler  # type: ignore[assignment]
    found: dict[str, Any] = {"description": inspect.getdoc(handler) or ""}
    names = re.findall(r"{(\w+)}", route.path)
    if names:
        found["parameters"] = [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": _NAMES[name],
                "schema": {"type": "string", "minLength": 1, "maxLength": 512, "pattern": r"^[^\u0000-\u001f\u007f]+$"},
            }
            for name in names
        ]
    for verb, operation in handler.operations.items():
        found[verb.lower()] = _operation(operation, f"{route.name}_{verb.lower()}")
    return found


def _operation(operation: Operation, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"operationId": name, "summary": operation.summary, "responses": _responses(operation)}
    found["security"] = [] if operation.function is None else [{"token": []}, {}] if operation.free_here else [{"token": []}]
    parameters = [
        _parameter(p, where) for where, params in (("query", operation.query), ("header", operation.headers)) for p in params
    ]
    if parameters:
        found["parameters"] = parameters
    if operation.body:
        content = {operation.body_type: {"schema": {"$ref": f"#/components/schemas/{operation.body}"}}}
        found["requestBody"] = {"required": operation.body != "Action", "content": content}
    return found


def _parameter(param: Param, where: str) -> dict[str, Any]:
    found = {"name": param.name, "in": where, "required": param.required, "description": param.about, "schema": param.schema()}
    if param.not_with:  # the format has no word for it
        found |= {"description": f"{param.about} Not together with `{param.not_with}`.", "x-not-with": param.not_with}
    return found


def _responses(operation: Operation) -> dict[str, Any]:
    found = {str(status): _answer(answer) for status, answer in operation.answers.items()}
    by_status: dict[int, list[str]] = {}
    for code in operation.all_errors():
        by_status.setdefault(ERRORS[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        schema = {"$ref": "#/components/schemas/Error"}
        refusal = {
            "description": "; ".join(f"{code}: {ERRORS[code].en}" for code in codes),
            "content": {"application/json": {"schema": schema}},
            "x-error-codes": codes,
        }
        found.setdefault(str(status), refusal).setdefault("x-error-codes", codes)
    return dict(sorted(found.items()))


def _answer(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = {"description": answer.about}
    if answer.headers:
        found["headers"] = {h.name: {"description": h.about, "schema": h.schema()} for h in answer.headers}
    if answer.schema:
        found["content"] = {answer.content_type: {"schema": {"$ref": f"#/components/schemas/{answer.schema}"}}}
    elif answer.content_type != "application/json":
        found["content"] = {answer.content_type: {"schema": {"type": "string"}}}
    return found
