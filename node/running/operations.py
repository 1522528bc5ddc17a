"""Everything a command can ask of a node, by name: `OPERATIONS[name](center, args) -> JSON values`.

The same function answers a command through the control endpoint of the running node and, when none runs, inside the
command's own process under the lock. Arguments and results are therefore plain JSON. Work that may be long comes in
slices chosen by the command (fifty applications, one megabyte of a file), each confirmed on its own: progress is seen,
and a command killed midway is simply given again (filing the same application answers with the same case).

Who acts: the person at the machine, who is no member of the staff. Each operation is for one function of the table in
`node.domain.cases.access`, and is done under the role that stands first there for the node's tier (cases are filed as `agent` at a
village and as `clerk` elsewhere); what nobody at this tier may do, the machine may not either.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from node.domain.cases.access import Function, operator
from node.domain.catalog.divisions import doubts
from node.domain.model import CST, Actor
from node.domain.published import KINDS, RULES
from node.domain.words.errors import ERRORS, FIELD_ERRORS, FieldError, TongbanError, malformed
from node.running.control import Operation

if TYPE_CHECKING:
    from node.services.center import Center
else:
    Center: TypeAlias = Any

Args: TypeAlias = dict[str, Any]
Done: TypeAlias = Callable[[Center, Args, Actor], Any]
LOCAL = "local-operator"


# ---- the node --------------------------------------------------------------------------------------------------------


def status(center: Center, *_: object) -> Any:
    return center.status()


def health(center: Center, *_: object) -> Any:
    return center.health()


def verify(center: Center, args: Args, *_: object) -> Any:
    return center.verify(bool(args.get("recent")))


def backup(center: Center, args: Args, *_: object) -> Any:
    return center.backup(str(args["path"]))


def rebuild(center: Center, *_: object) -> Any:
    return center.rebuild()


def rotate_key(center: Center, *_: object) -> Any:
    return center.rotate_key()


def invite(center: Center, args: Args, *_: object) -> Any:
    code = center.invite(args["code"], args["name"], args["tier"], tuple(args["addresses"]), args["grpc_address"])
    found = doubts(center.catalog.divisions(), center.place.code, args["code"], args["tier"])
    return {"join_code": code, "doubts": found}


def invite_renewal(center: Center, args: Args, *_: object) -> Any:
    return {"join_code": center.invite_renewal(args["code"], tuple(args["addresses"]))}


def begin_renewal(center: Center, args: Args, *_: object) -> Any:
    addresses, request = center.begin_renewal(args["join_code"])
    return {"addresses": addresses, "request": base64.b64encode(request).decode()}


def finish_renewal(center: Center, args: Args, *_: object) -> Any:
    request, outcome = center.finish_renewal(base64.b64decode(args["answer"]))
    return {"request": base64.b64encode(request).decode(), "outcome": outcome or {}}


def revoke(center: Center, args: Args, *_: object) -> Any:
    return center.revoke(args["code"], args["reason"])


def retry_link(center: Center, args: Args, *_: object) -> Any:
    """Dial the parent now. Raises unknown_node, child_dials, not_running."""
    code = args["code"]
    directions = {link["peer"]: link["direction"] for link in center.status()["links"]}
    if directions.get(code) == "down":
        raise TongbanError("child_dials", node=code)
    if code in directions and center.try_now is None:
        raise TongbanError("not_running")
    return center.retry_link(code)


def due(center: Center, args: Args, *_: object) -> Any:
    """The due date by the node's calendar; `accepted_at` is ISO 8601, China Standard Time when it has no zone."""
    from node.domain.calendar import due_date

    pauses = [(_date(first), _date(last)) for first, last in args["pauses"]]
    start = _moment(args["accepted_at"])
    found = due_date(center.calendar, start, args["limit"], args["unit"], args["extension"], pauses)
    return {"due": found.date.isoformat(), "provisional": found.provisional}


def _moment(text: str) -> dt.date:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise malformed(f"“{text}”不是 ISO 日期或时间", f"{text!r} is not an ISO date or time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=CST)).astimezone(CST).date()


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise malformed(f"“{text}”不是日期", f"{text!r} is not a date") from None


# ---- people ----------------------------------------------------------------------------------------------------------


def token(center: Center, args: Args, *_: object) -> Any:
    text = center.token(args["name"], args["role"], int(args["days"]), str(args.get("source", "")))
    return {"token": text}


def tokens(center: Center, *_: object) -> Any:
    return {"tokens": center.tokens()}


def token_revoke(center: Center, args: Args, *_: object) -> Any:
    return center.token_revoke(str(args["id"]))


def staff_add(center: Center, args: Args, *_: object) -> Any:
    return center.staff_add(args["name"], args["role"], args.get("password"))


def staff_list(center: Center, *_: object) -> Any:
    return {"staff": center.staff_list()}


# ---- what is published -----------------------------------------------------------------------------------------------


def catalog_import(center: Center, args: Args, by: Actor) -> Any:
    return center.import_catalog(base64.b64decode(args["data"]), by)


def document_import(center: Center, args: Args, by: Actor) -> Any:
    """A file of the published documents (`node.domain.published`); of `rules` the file says which one it is."""
    data = base64.b64decode(args["data"])
    if args["kind"] == RULES:
        return center.catalog.import_rules(data, by)
    return center.catalog.import_document(next(kind for kind in KINDS if kind.name == args["kind"]), data, by)


def rules_show(center: Center, args: Args, *_: object) -> Any:
    """The rule documents in force; with `name` that one. Errors: not_found."""
    found, name = center.catalog.rules(), args.get("name")
    if name is None:
        return {"rules": found}
    for rule in found:
        if rule["name"] == name:
            return rule
    raise TongbanError("not_found", what=name[:60])


def catalog_list(center: Center, _: Args, by: Actor) -> Any:
    return {"items": center.items(by)}


# ---- cases -----------------------------------------------------------------------------------------------------------


def case_list(center: Center, args: Args, by: Actor) -> Any:
    """One page of cases."""
    wanted = {name: args.get(name) for name in ("status", "item", "q", "cursor")}
    return center.cases(by, **wanted, limit=200)


def case_show(center: Center, args: Args, by: Actor) -> Any:
    return center.case(args["case_no"], by)


def case_release(center: Center, args: Args, *_: object) -> Any:
    return center.release(args["case_no"])


def case_file(center: Center, args: Args, by: Actor) -> Any:
    """File a slice of applications in order. A refused application does not stop the others; a failing disk stops all:
    then `error` says why and `results` holds the answers of those before."""
    results: list[dict[str, Any]] = []
    for document in args["documents"]:
        try:
            results.append(_file_one(center, document, by, args["source"]))
        except TongbanError as error:
            if error.status >= 500:
                return {"results": results, "error": {"code": error.code, "details": error.details}}
            results.append({"application_no": application_no(document), "errors": errors_of(error)})
    return {"results": results}


def _file_one(center: Center, document: object, actor: Actor, source: str) -> dict[str, Any]:
    filed = center.file_case(document, actor, source=source)
    answer: dict[str, Any] = {"application_no": application_no(document), "case_no": filed.case_no, "status": filed.status}
    if filed.query_code:
        answer["query_code"] = filed.query_code
    if filed.warnings:
        answer["warnings"] = filed.warnings
    return answer


def application_no(document: object) -> str | None:
    value = document.get("application_no") if isinstance(document, dict) else None
    return value[:64] if isinstance(value, str) else None


def errors_of(error: TongbanError) -> list[dict[str, str]]:
    """A refusal as a list of field errors; one without a field names the error's own code."""
    defects: list[FieldError] = getattr(error, "defects", [])
    if defects:
        return [dict(defect.as_document()) for defect in defects]
    if not error.fields:
        field = "application_no" if error.code == "application_conflict" else ""
        return [{"field": field, "code": error.code, "message": error.sentence("zh"), "message_en": error.sentence("en")}]
    return [_field_error(path, code, error) for path, code in error.fields.items()]


def _field_error(path: str, code: str, error: TongbanError) -> dict[str, str]:
    if code in FIELD_ERRORS:
        return {k: str(v) for k, v in FieldError(path, code, error.details).as_document().items()}
    if code in ERRORS:
        own = TongbanError(code, **error.details)
        return {"field": path, "code": code, "message": own.sentence("zh"), "message_en": own.sentence("en")}
    return {"field": path, "code": code, "message": code, "message_en": code}


def material_offset(center: Center, args: Args, by: Actor) -> Any:
    return center.material_offset(args["case_no"], args["material"], by)


def put_material(center: Center, args: Args, by: Actor) -> Any:
    data = base64.b64decode(args["data"])
    where = (args["case_no"], args["material"], by, args["offset"])
    return center.put_material(*where, data, args["total"], args["file_name"], args["mime"])


# What each operation is for (`access.TABLE`).
FUNCTIONS: Mapping[Function, tuple[Done, ...]] = {
    Function.MANAGE_NODE: (
        status, health, verify, rebuild, rotate_key, invite, invite_renewal, begin_renewal, finish_renewal, revoke, retry_link,
    ),
    Function.BACKUP: (backup,),
    Function.MANAGE_PEOPLE: (token, tokens, token_revoke, staff_add, staff_list),
    Function.READ_CATALOG: (due, catalog_list, rules_show),
    Function.EDIT_CATALOG: (catalog_import,),
    Function.PUBLISH_RULES: (document_import,),
    Function.READ_CASE: (case_list, case_show),
    Function.RELEASE_CASE: (case_release,),
    Function.FILE_CASE: (case_file,),
    Function.SUPPLY: (material_offset, put_material),
}  # fmt: skip


def _as_operator(function: Function, done: Done) -> Operation:
    """The operation, done by the person at the machine. Raises forbidden where nobody of this tier has the function."""

    def run(center: Center, args: Args) -> Any:
        return done(center, args, Actor(LOCAL, operator(function, center.place.tier)))

    return run


OPERATIONS: Mapping[str, Operation] = {
    done.__name__: _as_operator(function, done) for function, named in FUNCTIONS.items() for done in named
}
