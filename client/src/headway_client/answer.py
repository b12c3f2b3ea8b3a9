"""What the API answers, as objects: fields as typed attributes, the answer itself by ``[...]`` and ``to_dict()``."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Iterator, KeysView, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

from headway_client import notebook

Json = dict[str, Any]
A = TypeVar("A", bound="Answer")


class Answer:
    """One object of the API. It is read-only; a field that this version does not know is reached by ``answer["field"]``.

    Attributes are read by the class's annotations: times become ``datetime``, objects become answers of their own.
    """

    __slots__ = ("_raw",)
    _raw: Json
    shown: ClassVar[tuple[str, ...]] = ()
    """Fields that a notebook shows in a list; the first scalar ones when empty."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_raw", dict(raw))

    def to_dict(self) -> Json:
        """The answer as the server gave it, free to change."""
        return dict(self._raw)

    if not TYPE_CHECKING:  # a misspelt field is for the type checker to find

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401  the annotation tells
            if name.startswith("_"):
                raise AttributeError(name)
            try:
                value = self._raw[name]
            except KeyError:
                raise AttributeError(self._no_field(name)) from None
            convert = readers(type(self)).get(name)
            return convert(value) if convert else value

    def _no_field(self, name: str) -> str:
        if name in readers(type(self)):
            return f"the server did not tell {name!r} of this {type(self).__name__}; it may be older than this client"
        return f"{type(self).__name__} has no field {name!r}; it has {', '.join(self._raw)}"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is read-only; to_dict() gives a copy to change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is read-only; to_dict() gives a copy to change")

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  any JSON value
        return self._raw[name]

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  any JSON value
        """A field as the server gave it, or ``default``."""
        return self._raw.get(name, default)

    def keys(self) -> KeysView[str]:
        """The names of the fields that the server told, so that ``dict(answer)`` works."""
        return self._raw.keys()

    def __contains__(self, name: object) -> bool:
        return name in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Answer):
            return type(self) is type(other) and self._raw == other._raw
        return self._raw == other if isinstance(other, dict) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), json.dumps(self._raw, sort_keys=True, default=str)))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name for name in self._raw if name.isidentifier())})

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={_short(value)}" for name, value in self._raw.items())
        return f"{type(self).__name__}({fields})"

    def __reduce__(self) -> tuple[type[Answer], tuple[Json]]:
        return type(self), (self._raw,)

    def _repr_html_(self) -> str:
        return notebook.entity(type(self).__name__, self._raw)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


_READERS: dict[type[Answer], Mapping[str, Callable[[Any], Any]]] = {}


def readers(kind: type[Answer]) -> Mapping[str, Callable[[Any], Any]]:
    """What turns each field of an answer into what its annotation says."""
    if kind not in _READERS:
        hints = {name: hint for name, hint in get_type_hints(kind).items() if get_origin(hint) is not ClassVar}
        _READERS[kind] = {name: reader(hint) for name, hint in hints.items() if name != "_raw"}
    return _READERS[kind]


def reader(hint: Any) -> Callable[[Any], Any]:  # noqa: ANN401  a type as written
    """What turns a JSON value into the type written; values that do not fit are passed as they are."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _union([one for one in inner if one is not type(None)])
    if origin is list:
        each = reader(inner[0])
        return lambda value: [each(one) for one in value] if isinstance(value, list) else value
    if origin is dict:
        each = reader(inner[1])
        return lambda value: {k: each(v) for k, v in value.items()} if isinstance(value, dict) else value
    if isinstance(hint, type) and issubclass(hint, Answer):
        return lambda value: hint(value) if isinstance(value, dict) else value
    if hint in (datetime, date):
        return lambda value: hint.fromisoformat(value) if isinstance(value, str) else value
    return lambda value: value


def _union(members: list[Any]) -> Callable[[Any], Any]:
    """Read as the only member; among several kinds of answer, as the one whose fields the value has."""
    if len(members) == 1:
        return reader(members[0])
    kinds = [one for one in members if isinstance(one, type) and issubclass(one, Answer)]

    def read(value: Any) -> Any:  # noqa: ANN401  any JSON value
        if not isinstance(value, dict) or not kinds:
            return value
        return max(kinds, key=lambda kind: _fit(kind, value))(value)

    return read


def _fit(kind: type[Answer], value: Json) -> float:
    known = set(readers(kind))
    return len(known & set(value)) / len(known | set(value))
