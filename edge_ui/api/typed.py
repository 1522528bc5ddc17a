"""JSON Schema from the types of documents, so that what the API promises is what the services are typed to answer.

A TypedDict becomes an object; one that has a name in the document is referred to by it, another stands in place. `words` add
what a type cannot say: the codes of a field, the form of a date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import NotRequired, TypeAlias, Union, get_args, get_origin, get_type_hints, is_typeddict

Schema: TypeAlias = "Mapping[str, Schema | Sequence[Schema] | Sequence[str] | str | int | bool]"

_PLAIN: Mapping[object, str] = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}
# aliases for any JSON, which end in no schema: `node.domain.json_values`, `node.domain.cases.bodies`
_OPEN: Mapping[str, object] = {"Json": object, "JsonObject": Mapping, "Body": Mapping}


def schema_of(kind: type, names: Mapping[type, str], /, **words: Schema) -> Schema:
    """The schema of a TypedDict. `names`: which others stand in the document under a name; `words` replace single fields."""
    hints = get_type_hints(kind, localns=dict(_OPEN), include_extras=True)
    fields: dict[str, Schema] = {name: _schema(hint, names) for name, hint in hints.items()}
    unknown = set(words) - set(fields)
    if unknown:
        raise ValueError(f"{kind.__name__} has no {sorted(unknown)}")
    needed = [name for name, hint in hints.items() if get_origin(hint) is not NotRequired and getattr(kind, "__total__", True)]
    return {"type": "object", "properties": {**fields, **words}, "required": needed}


def _schema(hint: object, names: Mapping[type, str]) -> Schema:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        return _schema(inner[0], names)
    if isinstance(hint, type) and is_typeddict(hint):
        return {"$ref": f"#/components/schemas/{names[hint]}"} if hint in names else schema_of(hint, names)
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if origin in (Union, UnionType):
        return _either([_schema(one, names) for one in inner])
    if origin in (list, tuple, Sequence):
        return {"type": "array", "items": _schema(inner[0], names)}
    if origin in (dict, Mapping) and inner[1] is not object:
        return {"type": "object", "additionalProperties": _schema(inner[1], names)}
    return {"type": "object"} if hint in (dict, Mapping) or origin in (dict, Mapping) else {}


def _either(schemas: Sequence[Schema]) -> Schema:
    """One of several: a list of types where they are plain, else a choice."""
    plain = [one["type"] for one in schemas if set(one) == {"type"} and isinstance(one["type"], str)]
    if len(plain) == len(schemas):
        return {"type": [str(one) for one in plain]}
    return {"anyOf": list(schemas)}
