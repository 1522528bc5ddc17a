"""Everything a command can ask of a node, by name: `OPERATIONS[name](center, args) -> JSON values`.

The same function answers a command through the control endpoint of the running node and, when none runs, inside the
command's own process under the lock. Arguments and results are therefore plain JSON. Work that may be long comes in
slices chosen by the command (fifty applications, one megabyte of a file), each confirmed on its own: progress is seen,
and a command killed midway is simply given again (filing the same application answers with the same case).

Who acts: the person at the machine, who is no member of the staff. Cases are filed as `agent` at a village and as
`clerk` elsewhere; `admin` never acts on cases.
"""

from __future__ import annotations

import base64
import datetime as dt
from typing import TYPE_CHECKING, Any, TypeAlias

from node.domain.catalog.divisions import doubts
from node.domain.model import CST, Actor, Role
from node.domain.published import KINDS, RULES
from node.domain.words.errors import ERRORS, FIELD_ERRORS, FieldError, TongbanError, malformed
from node.running.control import Operation

if TYPE_CHECKING:
    from node.services.center import Center
else:
    Center: TypeAlias = Any

Args: TypeAlias = dict[str, Any]
LOCAL = "local-operator"


def local_actor(center: Center, role: Role | None = None) -> Actor:
    """The person at the machine; without a role as the one who lodges applications at this tier."""
    return Actor(LOCAL, role or (Role.AGENT if center.place.tier == "village" else Role.CLERK))


# ---- the node --------------------------------------------------------------------------------------------------------


def status(center: Center, _: Args) -> Any:
    return center.status()


def health(center: Center, _: Args) -> Any:
    return center.health()


def verify(center: Center, args: Args) -> Any:
    return center.verify(bool(args.get("recent")))


def backup(center: Center, args: Args) -> Any:
    return center.backup(str(args["path"]))


def rebuild(center: Center, _: Args) -> Any:
    return center.rebuild()


def rotate_key(center: Center, _: Args) -> Any:
    return center.rotate_key()


def invite(center: Center, args: Args) -> Any:
    code = center.invite(args["code"], args["name"], args["tier"], tuple(args["addresses"]), args["grpc_address"])
    found = doubts(center.catalog.divisions(), center.place.code, args["code"], args["tier"])
    return {"join_code": code, "doubts": found}


def invite_renewal(center: Center, args: Args) -> Any:
    return {"join_code": center.invite_renewal(args["code"], tuple(args["addresses"]))}


def begin_renewal(center: Center, args: Args) -> Any:
    addresses, request = center.begin_renewal(args["join_code"])
    return {"addresses": addresses, "request": base64.b64encode(request).decode()}


def finish_renewal(center: Center, args: Args) -> Any:
    request, outcome = center.finish_renewal(base64.b64decode(args["answer"]))
    return {"request": base64.b64encode(request).decode(), "outcome": outcome or {}}


def revoke(center: Center, args: Args) -> Any:
    return center.revoke(args["code"], args["reason"])


def retry_link(center: Center, args: Args) -> Any:
    """Dial the parent now. Raises unknown_node, child_dials, not_running."""
    code = args["code"]
    directions = {link["peer"]: link["direction"] for link in center.status()["links"]}
    if directions.get(code) == "down":
        raise TongbanError("child_dials", node=code)
    if code in directions and center.try_now is None:
        raise TongbanError("not_running")
    return center.retry_link(code)


def due(center: Center, args: Args) -> Any:
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


def token(center: Center, args: Args) -> Any:
    return {"token": center.token(args["name"], args["role"])}


def staff_add(center: Center, args: Args) -> Any:
    return center.staff_add(args["name"], args["role"], args.get("password"))


def staff_list(center: Center, _: Args) -> Any:
    return {"staff": center.staff_list()}


# ---- what is published -----------------------------------------------------------------------------------------------


def catalog_import(center: Center, args: Args) -> Any:
    return center.import_catalog(base64.b64decode(args["data"]), local_actor(center, Role.CATALOG_EDITOR))


def document_import(center: Center, args: Args) -> Any:
    """A file of the published documents (`node.domain.published`); of `rules` the file says which one it is."""
    data, actor = base64.b64decode(args["data"]), local_actor(center, Role.CATALOG_EDITOR)
    if args["kind"] == RULES:
        return center.catalog.import_rules(data, actor)
    return center.catalog.import_document(next(kind for kind in KINDS if kind.name == args["kind"]), data, actor)


def rules_show(center: Center, args: Args) -> Any:
    """The rule documents in force; with `name` that one. Errors: not_found."""
    found, name = center.catalog.rules(), args.get("name")
    if name is None:
        return {"rules": found}
    for rule in found:
        if rule["name"] == name:
            return rule
    raise TongbanError("not_found", what=name[:60])


def catalog_list(center: Center, _: Args) -> Any:
    return {"items": center.items(local_actor(center))}


# ---- cases -----------------------------------------------------------------------------------------------------------


def case_list(center: Center, args: Args) -> Any:
    """One page of cases."""
    wanted = {name: args.get(name) for name in ("status", "item", "q", "cursor")}
    return center.cases(local_actor(center), **wanted, limit=200)


def case_show(center: Center, args: Args) -> Any:
    return center.case(args["case_no"], local_actor(center))


def case_release(center: Center, args: Args) -> Any:
    return center.release(args["case_no"])


def case_file(center: Center, args: Args) -> Any:
    """File a slice of applications in order. A refused application does not stop the others; a failing disk stops all:
    then `error` says why and `results` holds the answers of those before."""
    actor = local_actor(center)
    results: list[dict[str, Any]] = []
    for document in args["documents"]:
        try:
            results.append(_file_one(center, document, actor, args["source"]))
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


def material_offset(center: Center, args: Args) -> Any:
    return center.material_offset(args["case_no"], args["material"], local_actor(center))


def put_material(center: Center, args: Args) -> Any:
    data = base64.b64decode(args["data"])
    where = (args["case_no"], args["material"], local_actor(center), args["offset"])
    return center.put_material(*where, data, args["total"], args["file_name"], args["mime"])


OPERATIONS: dict[str, Operation] = {
    operation.__name__: operation
    for operation in (
        status,
        health,
        verify,
        backup,
        rebuild,
        rotate_key,
        invite,
        invite_renewal,
        begin_renewal,
        finish_renewal,
        revoke,
        retry_link,
        due,
        token,
        staff_add,
        staff_list,
        catalog_import,
        document_import,
        rules_show,
        catalog_list,
        case_list,
        case_show,
        case_release,
        case_file,
        material_offset,
        put_material,
    )
}
