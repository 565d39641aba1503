"""Values held against the types of the providers' SDKs."""

import collections.abc
import functools
import json
import types
import typing

import typing_extensions
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from scripted.exchange import Invalid

LISTS = (list, collections.abc.Iterable, collections.abc.Sequence)


def _rewritten(kind, made):
    """`kind` with lists for iterables, which pydantic does not check at once, and without models, which let unknown members
    pass: SDKs allow both for their users' ease."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if typing_extensions.is_typeddict(kind):
        if kind not in made:
            made[kind] = typing.ForwardRef(kind.__name__)  # recursion is not followed: no request needs it
            hints = typing_extensions.get_type_hints(kind)
            required = kind.__required_keys__
            members = {name: _rewritten(hint, made) for name, hint in hints.items()}
            members = {name: typing_extensions.Required[hint] if name in required else typing_extensions.NotRequired[hint]
                       for name, hint in members.items()}  # fmt: skip
            made[kind] = typing_extensions.TypedDict(kind.__name__, members)
        return typing.Any if isinstance(made[kind], typing.ForwardRef) else made[kind]
    if origin in (typing.Union, types.UnionType):
        kept = [each for each in arguments if not (isinstance(each, type) and issubclass(each, BaseModel))]
        return typing.Union[tuple(_rewritten(each, made) for each in kept)]
    if origin is typing.Annotated:
        return _rewritten(arguments[0], made)
    if origin in LISTS or getattr(origin, "__name__", "") == "SequenceNotStr":
        inner = arguments[0]
        models = [each for each in typing.get_args(inner) or (inner,) if isinstance(each, type) and issubclass(each, BaseModel)]
        return typing.List[typing.Any if len(models) == len(typing.get_args(inner) or (inner,)) else _rewritten(inner, made)]
    if origin is dict:
        return typing.Dict[arguments[0], _rewritten(arguments[1], made)]
    return kind


@functools.cache
def _adapter(kind):
    config = ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True)
    return TypeAdapter(typing.List[_rewritten(kind, {})], config=config)  # a list hands the configuration down to TypedDicts


def _told(error, what):
    """The errors, but not those of a union's members that `value` says not to be."""
    errors = error.errors(include_url=False)
    others = {each["loc"][:-1] for each in errors if each["type"] == "literal_error" and each["loc"][-1] in ("type", "role")}
    meant = [each for each in errors if not any(each["loc"][: len(other)] == other for other in others)] or errors
    meant.sort(key=lambda each: -len(each["loc"]))
    place = ["".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in each["loc"][1:] if "[" not in str(part)) for each in meant]
    return "; ".join(f"{what}{where}: {each['msg']}, got {each['input']!r:.120}" for where, each in list(zip(place, meant))[:3])


def typed(kind, value, what="request"):
    """Raises Invalid unless `value` is a `kind` (a TypedDict, or a union of such) with no member that it does not know."""
    try:
        _adapter(kind).validate_python([value])
    except ValidationError as error:
        raise Invalid(_told(error, what)) from None


def modelled(model, value, what="request"):
    """The same for a pydantic model that forbids unknown members itself."""
    try:
        return TypeAdapter(model).validate_json(json.dumps(value))
    except ValidationError as error:
        found = error.errors(include_url=False)[:3]
        raise Invalid("; ".join(f"{what}{list(each['loc'])}: {each['msg']}, got {each['input']!r:.120}" for each in found)) from None


def need(condition, message):
    if not condition:
        raise Invalid(message)
