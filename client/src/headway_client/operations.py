"""Operations of the API, declared once for the sync and the async client.

    class UseCases(Namespace[M]):
        @get("/usecases/{slug}")
        def show(self, slug: str) -> UseCase:
            '''Show a use case.'''

        @lists("/usecases")
        def list(self, *, department: str | None = None) -> Each[UseCase]:
            '''List use cases by name.'''

The signature is all there is: parameters that the path names go there, others go into the query of GET and DELETE,
into the JSON body of POST, PUT and PATCH, or into a form when ``files`` are named. What a caller leaves out is not sent,
so the server's default holds; None counts as left out, but for PATCH, where it empties a field. The return annotation
says how the answer is read: an Answer, a text, bytes, or plain JSON. On ``Client`` the method returns that, on
``AsyncClient`` a coroutine of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import cached_property, wraps
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, get_args, get_origin, get_type_hints, overload

import httpx

from headway_client.answer import reader
from headway_client.calls import Call, fill, places
from headway_client.connection import AsyncConnection, Connection, json_of
from headway_client.lists import AsyncListing, Listing, Page

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound=Connection | AsyncConnection)
_NO_DEFAULT = inspect.Parameter.empty
Declared = Callable[Concatenate[Any, P], T]


class Each(Generic[T]):
    """Marks a declaration as a list of such items."""


class Namespace(Generic[M]):
    """Operations about one kind of thing."""

    def __init__(self, connection: M) -> None:
        self._connection = connection

    def __repr__(self) -> str:
        names = [name for name, value in vars(type(self)).items() if isinstance(value, _Declared)]
        return f"<{type(self).__name__}: {', '.join(names)}>"


class _Declared(Generic[P, T]):
    """What operations that answer one thing and those that answer a list have in common."""

    def __init__(
        self,
        function: Declared[P, T],
        method: str,
        path: str,
        files: Sequence[str] = (),
        fixed: Mapping[str, object] | None = None,
    ) -> None:
        self.function, self.method, self.path = function, method, path
        self.files, self.fixed = tuple(files), dict(fixed or {})
        self.__doc__ = function.__doc__
        self._signature = inspect.signature(function)

    @cached_property
    def hints(self) -> dict[str, Any]:
        """The types of parameters and answer."""
        return get_type_hints(self.function)

    @property
    def parameters(self) -> list[inspect.Parameter]:
        """The parameters that a caller gives."""
        return list(self._signature.parameters.values())[1:]

    def call(self, namespace: object, /, *args: P.args, **kwargs: P.kwargs) -> Call:
        """The request that a call of the method makes."""
        given = dict(self._signature.bind(namespace, *args, **kwargs).arguments)
        given.pop(next(iter(self._signature.parameters)))
        path = fill(self.path, given)
        rest = {name: value for name, value in given.items() if self._is_sent(name, value)} | self.fixed
        if self.files:
            files = {name: rest.pop(name) for name in self.files if rest.get(name) is not None}
            form = {name: value for name, value in rest.items() if name not in self.files}
            return Call(method=self.method, path=path, form=form, files=files)
        if self.method in ("GET", "DELETE"):
            return Call(method=self.method, path=path, params=rest)
        has_body = any(name not in places(self.path) for name in [*self.fixed, *(p.name for p in self.parameters)])
        return Call(method=self.method, path=path, json=rest if has_body else None)

    def _is_sent(self, name: str, value: object) -> bool:
        """None for a parameter that may be left out means that it is; but a change to None is one."""
        if name in places(self.path):
            return False
        return value is not None or self.method == "PATCH" or self._signature.parameters[name].default is _NO_DEFAULT

    def _bound(self, namespace: object, act: Callable[..., Any]) -> Any:  # noqa: ANN401  typed by __get__
        bound = wraps(self.function)(act)
        bound.__signature__ = self._signature.replace(parameters=self.parameters)  # type: ignore[attr-defined]  # for help()
        bound.__self__ = namespace  # type: ignore[attr-defined]  # as of any bound method
        return bound


class Operation(_Declared[P, T]):
    """An operation that answers one thing."""

    @overload
    def __get__(self, namespace: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, namespace: Namespace[Connection], owner: type[Any]) -> Callable[P, T]: ...
    @overload
    def __get__(
        self, namespace: Namespace[AsyncConnection], owner: type[Any]
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, namespace: Namespace[Any] | None, owner: type[Any]) -> Any:
        if namespace is None:
            return self

        def act(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401  typed by __get__
            return namespace._connection.run(self.call(namespace, *args, **kwargs), self.read)

        return self._bound(namespace, act)

    def read(self, response: httpx.Response) -> T:
        """Read an answer as the return annotation says."""
        wanted: Any = self.hints["return"]
        if wanted is bytes:
            return response.content  # type: ignore[return-value]  # T is bytes
        if wanted is str:
            return response.text  # type: ignore[return-value]  # T is str
        if get_origin(wanted) is Page:
            [kind] = get_args(wanted)
            return Page(json_of(response), kind, reader(kind))  # type: ignore[return-value]  # T is a Page
        made: T = reader(wanted)(json_of(response))
        return made


class ListOperation(_Declared[P, Each[T]]):
    """An operation that answers a list."""

    is_paged = True

    @property
    def kind(self) -> type[T]:
        """The class of the items."""
        found: type[T] = get_args(self.hints["return"])[0]
        return found

    @overload
    def __get__(self, namespace: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, namespace: Namespace[Connection], owner: type[Any]) -> Callable[P, Listing[T]]: ...
    @overload
    def __get__(self, namespace: Namespace[AsyncConnection], owner: type[Any]) -> Callable[P, AsyncListing[T]]: ...
    def __get__(self, namespace: Namespace[Any] | None, owner: type[Any]) -> Any:
        if namespace is None:
            return self

        def act(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401  typed by __get__
            call = self.call(namespace, *args, **kwargs)
            return namespace._connection.listing(call, self.read_page, is_paged=self.is_paged)

        return self._bound(namespace, act)

    def read_page(self, response: httpx.Response) -> Page[T]:
        """Read one page."""
        return Page(json_of(response), self.kind, reader(self.kind))


class _OneThing:
    """Declares operations of one HTTP method that answer one thing."""

    def __init__(self, method: str) -> None:
        self._method = method

    def __call__(self, path: str, *, files: Sequence[str] = (), fixed: Mapping[str, object] | None = None) -> _Decorate:
        """Declare: ``files`` names the parameters that are files, ``fixed`` values that are always sent."""
        return _Decorate(self._method, path, files, fixed)


class _Decorate:
    def __init__(self, method: str, path: str, files: Sequence[str], fixed: Mapping[str, object] | None) -> None:
        self._about = (method, path, files, fixed)

    def __call__(self, function: Declared[P, T]) -> Operation[P, T]:
        return Operation(function, *self._about)


get, post, put, patch, delete = (_OneThing(name) for name in ("GET", "POST", "PUT", "PATCH", "DELETE"))


class lists:
    """Declare an operation that answers a list; ``is_paged=False`` when the server gives all of it at once."""

    def __init__(self, path: str, *, is_paged: bool = True) -> None:
        self._path, self._is_paged = path, is_paged

    def __call__(self, function: Declared[P, Each[T]]) -> ListOperation[P, T]:
        made = ListOperation[P, T](function, "GET", self._path)
        made.is_paged = self._is_paged
        return made
