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
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from node.domain.cases.access import Function, operator
from node.domain.catalog.divisions import doubts
from node.domain.filing.documents import FilingAnswer
from node.domain.json_values import Json, JsonObject
from node.domain.model import CST, LOCAL_OPERATOR, Actor
from node.domain.published import CALENDAR, KINDS, RULES
from node.domain.words.errors import FIELD_ERRORS, FieldError, FieldErrorDocument, TongbanError, malformed
from node.domain.words.refusals import ERRORS
from node.running.control import Operation
from node.services.upkeep import sealed

if TYPE_CHECKING:
    from node.services.center import Center

T = TypeVar("T")


class Args:
    """What a command says, by name. Errors: `malformed` for what is missing or of another kind."""

    def __init__(self, said: JsonObject) -> None:
        self._said = said

    def json(self, name: str) -> Json:
        """Anything; None when it is not said."""
        return self._said.get(name)

    def text(self, name: str) -> str:
        return self._of(str, name)

    def perhaps(self, name: str) -> str | None:
        """A text that may be left out."""
        return self._of(str, name) if self._said.get(name) is not None else None

    def number(self, name: str) -> int:
        return self._of(int, name)

    def rows(self, name: str) -> list[Json]:
        return self._of(list, name)

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(str(one) for one in self.rows(name))

    def octets(self, name: str) -> bytes:
        """Base64."""
        return base64.b64decode(self.text(name))

    def _of(self, kind: type[T], name: str) -> T:
        value = self._said.get(name)
        if not isinstance(value, kind):
            raise malformed(f"参数 {name}", f"argument {name}")
        return value


Done: TypeAlias = "Callable[[Center, Args, Actor], object]"


# ---- the node --------------------------------------------------------------------------------------------------------


def status(center: Center, *_: object) -> object:
    return center.upkeep.status()


def health(center: Center, *_: object) -> object:
    return center.upkeep.health()


def verify(center: Center, args: Args, *_: object) -> object:
    return center.upkeep.verify(bool(args.json("recent")))


def backup(center: Center, args: Args, *_: object) -> object:
    to = args.perhaps("to")
    return center.upkeep.backup(args.text("path"), sealed.public_of(to) if to else None)


def backup_key(center: Center, _: Args, by: Actor) -> object:
    return center.administration.make_backup_key(by)


def rebuild(center: Center, *_: object) -> object:
    return center.upkeep.rebuild()


def rotate_key(center: Center, *_: object) -> object:
    return center.tree.rotate_key()


def invite(center: Center, args: Args, *_: object) -> object:
    code = center.tree.invite(
        args.text("code"), args.text("name"), args.text("tier"), args.texts("addresses"), args.text("grpc_address")
    )
    found = doubts(center.catalog.divisions(), center.place.code, args.text("code"), args.text("tier"))
    return {"join_code": code, "doubts": found}


def invite_renewal(center: Center, args: Args, *_: object) -> object:
    return {"join_code": center.renewal.invite(args.text("code"), args.texts("addresses"))}


def begin_renewal(center: Center, args: Args, *_: object) -> object:
    addresses, request = center.renewal.begin(args.text("join_code"))
    return {"addresses": addresses, "request": base64.b64encode(request).decode()}


def finish_renewal(center: Center, args: Args, *_: object) -> object:
    request, outcome = center.renewal.finish(args.octets("answer"))
    return {"request": base64.b64encode(request).decode(), "outcome": outcome or {}}


def revoke(center: Center, args: Args, *_: object) -> object:
    return center.tree.revoke(args.text("code"), args.text("reason"))


def retry_link(center: Center, args: Args, *_: object) -> object:
    """Dial the parent now. Raises unknown_node, child_dials, not_running."""
    code = args.text("code")
    directions = {link["peer"]: link["direction"] for link in center.upkeep.status()["links"]}
    if directions.get(code) == "down":
        raise TongbanError("child_dials", node=code)
    if code in directions and center.upkeep.try_now is None:
        raise TongbanError("not_running")
    return center.upkeep.retry_link(code)


def due(center: Center, args: Args, *_: object) -> object:
    """The due date by the node's calendar; `accepted_at` is ISO 8601, China Standard Time when it has no zone."""
    from node.domain.calendar import due_date

    pauses = [_pause(one) for one in args.rows("pauses")]
    start = _moment(args.text("accepted_at"))
    found = due_date(center.catalog.calendar(), start, args.number("limit"), args.text("unit"), args.number("extension"), pauses)
    return {"due": found.date.isoformat(), "provisional": found.provisional}


def _moment(text: str) -> dt.date:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise malformed(f"“{text}”不是 ISO 日期或时间", f"{text!r} is not an ISO date or time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=CST)).astimezone(CST).date()


def _pause(said: Json) -> tuple[dt.date, dt.date]:
    first, last = said if isinstance(said, list | tuple) and len(said) == 2 else (None, None)
    return _date(str(first)), _date(str(last))


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise malformed(f"“{text}”不是日期", f"{text!r} is not a date") from None


def notices_show(center: Center, args: Args, by: Actor) -> object:
    return center.notices.show(by)


def notices_test(center: Center, args: Args, by: Actor) -> object:
    return center.notices.test(args.text("channel"), args.text("to"), by)


def notices_retry(center: Center, args: Args, by: Actor) -> object:
    return {"rows": center.notices.retry(by, args.number("id"))}


# ---- people ----------------------------------------------------------------------------------------------------------


def token(center: Center, args: Args, *_: object) -> object:
    text = center.tokens.issue(
        args.text("name"), args.text("role"), days=args.number("days"), source=args.perhaps("source") or ""
    )
    return {"token": text}


def tokens(center: Center, *_: object) -> object:
    return {"tokens": center.tokens.listed()}


def token_revoke(center: Center, args: Args, *_: object) -> object:
    return center.tokens.revoke(args.text("id"))


def staff_add(center: Center, args: Args, *_: object) -> object:
    return center.staff.add(args.text("name"), args.text("role"), args.perhaps("password"))


def staff_list(center: Center, *_: object) -> object:
    return {"staff": center.staff.list()}


# ---- what is published -----------------------------------------------------------------------------------------------


def catalog_import(center: Center, args: Args, by: Actor) -> object:
    return center.catalog.import_csv(args.octets("data"), by)


def document_import(center: Center, args: Args, by: Actor) -> object:
    """A file of the published documents (`node.domain.published`); of `rules` the file says which one it is."""
    data, name, replace = args.octets("data"), args.text("kind"), bool(args.json("replace"))
    if name == RULES:
        return center.catalog.import_rules(data, by, replace=replace)
    if name == CALENDAR.name:
        since = args.perhaps("since")
        return center.days.import_file(data, by, replace=replace, since=_date(since) if since else None)
    return center.catalog.import_document(next(kind for kind in KINDS if kind.name == name), data, by, replace=replace)


def calendar_change(center: Center, args: Args, by: Actor) -> object:
    """List a day, or make it an ordinary day again (kind ""), and publish at once."""
    return center.days.change(args.text("day"), args.text("kind"), args.text("name"), by)


def calendar_show(center: Center, args: Args, *_: object) -> object:
    """The listed days, of one year or of all (0)."""
    return center.days.listing(args.number("year") or None)


def rules_show(center: Center, args: Args, *_: object) -> object:
    """The rule documents in force; with `name` that one. Errors: not_found."""
    found, name = center.catalog.rules(), args.perhaps("name")
    if name is None:
        return {"rules": found}
    for rule in found:
        if rule["name"] == name:
            return rule
    raise TongbanError("not_found", what=name[:60])


def authority_show(center: Center, args: Args, by: Actor) -> object:
    return center.authority.document(by)


def paper_check(center: Center, args: Args, by: Actor) -> object:
    return center.papers.verify(args.text("code"))


def catalog_list(center: Center, _: Args, by: Actor) -> object:
    return {"items": center.catalog.documents()}


# ---- cases -----------------------------------------------------------------------------------------------------------


def case_list(center: Center, args: Args, by: Actor) -> object:
    """One page of cases."""
    wanted = {name: args.perhaps(name) for name in ("status", "item", "q", "cursor")}
    return center.cases.listed(by, **wanted, limit=200)


def case_show(center: Center, args: Args, by: Actor) -> object:
    return center.cases.case(args.text("case_no"), by)


def case_release(center: Center, args: Args, by: Actor) -> object:
    return center.cases.release(args.text("case_no"), by)


def case_file(center: Center, args: Args, by: Actor) -> object:
    """File a slice of applications in order. A refused application does not stop the others; a failing disk stops all:
    then `error` says why and `results` holds the answers of those before."""
    results: list[FilingAnswer] = []
    for document in args.rows("documents"):
        try:
            results.append(_file_one(center, document, by, args.text("source")))
        except TongbanError as error:
            if error.status >= 500:
                return {"results": results, "error": {"code": error.code, "details": error.details}}
            results.append({"application_no": application_no(document), "errors": errors_of(error)})
    return {"results": results}


def _file_one(center: Center, document: object, actor: Actor, source: str) -> FilingAnswer:
    filed = center.intake.file(document, actor, source=source)
    answer = FilingAnswer(application_no=application_no(document), case_no=filed.case_no, status=filed.status)
    if filed.query_code:
        answer["query_code"] = filed.query_code
    if filed.warnings:
        answer["warnings"] = filed.warnings
    return answer


def application_no(document: object) -> str | None:
    value = document.get("application_no") if isinstance(document, dict) else None
    return value[:64] if isinstance(value, str) else None


def errors_of(error: TongbanError) -> list[FieldErrorDocument]:
    """A refusal as a list of field errors; one without a field names the error's own code."""
    defects: list[FieldError] = getattr(error, "defects", [])
    if defects:
        return [defect.as_document() for defect in defects]
    if not error.fields:
        return [_refusal("application_no" if error.code == "application_conflict" else "", error)]
    return [_field_error(path, code, error) for path, code in error.fields.items()]


def _field_error(path: str, code: str, error: TongbanError) -> FieldErrorDocument:
    if code in FIELD_ERRORS:
        return FieldError(path, code, error.details).as_document()
    if code in ERRORS:
        return _refusal(path, TongbanError(code, None, **error.details))
    return {"field": path, "code": code, "message": code, "message_en": code}


def _refusal(path: str, error: TongbanError) -> FieldErrorDocument:
    return {"field": path, "code": error.code, "message": error.sentence("zh"), "message_en": error.sentence("en")}


def oversight_prove(center: Center, args: Args, by: Actor) -> object:
    """The proof of a card, in base64. Errors: not_found."""
    return {"proof": base64.b64encode(center.proving.proof(args.text("card"), by)).decode()}


def export_months(center: Center, args: Args, by: Actor) -> object:
    """The months of which there are facts; a folder for their files. Errors: as `Exporting.months`."""
    return {"months": center.exporting.months(Path(args.text("folder")), args.text("format"), by)}


def export_month(center: Center, args: Args, by: Actor) -> object:
    """Write the file of a month. Errors: as `Exporting.month`."""
    return center.exporting.month(args.number("month"), Path(args.text("folder")), args.text("format"), by)


def analyse(center: Center, args: Args, by: Actor) -> object:
    """An analysis. Errors: as `Analysing.of`."""
    asked, folder = args.json("asked"), args.perhaps("facts")
    given = {name: text for name, text in asked.items() if isinstance(text, str)} if isinstance(asked, dict) else {}
    return center.analysis.of(given, by, Path(folder) if folder is not None else None)


def material_offset(center: Center, args: Args, by: Actor) -> object:
    return center.materials.offset(args.text("case_no"), args.text("material"), by)


def put_material(center: Center, args: Args, by: Actor) -> object:
    data = args.octets("data")
    where = (args.text("case_no"), args.text("material"), by, args.number("offset"))
    return center.materials.put(*where, data, args.number("total"), args.text("file_name"), args.text("mime"))


# What each operation is for (`access.TABLE`).
FUNCTIONS: Mapping[Function, tuple[Done, ...]] = {
    Function.MANAGE_NODE: (
        status, health, verify, rebuild, rotate_key, invite, invite_renewal, begin_renewal, finish_renewal, revoke, retry_link,
        notices_show, notices_test, notices_retry,
    ),
    Function.BACKUP: (backup, backup_key),
    Function.MANAGE_PEOPLE: (token, tokens, token_revoke, staff_add, staff_list),
    Function.READ_CATALOG: (due, catalog_list, rules_show, calendar_show, authority_show, paper_check),
    Function.OVERSIGHT: (oversight_prove, export_months, export_month, analyse),
    Function.EDIT_CATALOG: (catalog_import,),
    Function.PUBLISH_RULES: (document_import, calendar_change),
    Function.READ_CASE: (case_list, case_show),
    Function.RELEASE_CASE: (case_release,),
    Function.FILE_CASE: (case_file,),
    Function.SUPPLY: (material_offset, put_material),
}  # fmt: skip


def _as_operator(function: Function, done: Done) -> Operation[Center]:
    """The operation, done by the person at the machine. Raises forbidden where nobody of this tier has the function."""

    def run(center: Center, said: JsonObject) -> object:
        return done(center, Args(said), Actor(LOCAL_OPERATOR, operator(function, center.place.tier)))

    return run


OPERATIONS: Mapping[str, Operation[Center]] = {
    done.__name__: _as_operator(function, done) for function, named in FUNCTIONS.items() for done in named
}
