"""Lists in pages: go through all of them, take one page, or make a frame."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import httpx

from headway_client import frames, notebook
from headway_client.answer import Answer, Json
from headway_client.calls import Call

if TYPE_CHECKING:
    import pandas
    import polars

T = TypeVar("T")
PAGE = 200  # items that are asked for at once when all are gone through
GLANCE = 20  # items that a notebook shows


class Page(Sequence[T]):
    """Some items of a list; ``next`` is the cursor of the page after it, None when there is none.

    Whatever else the server told with the page is reached by ``page["total"]``.
    """

    def __init__(self, raw: Mapping[str, Any], kind: type[Any], read: Callable[[Any], T]) -> None:
        self._raw, self._kind = dict(raw), kind
        self.items: list[T] = [read(item) for item in self._raw.get("items") or []]
        self.next: str | None = self._raw.get("next")

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    @overload
    def __getitem__(self, place: str) -> Any: ...  # noqa: ANN401  any JSON value
    def __getitem__(self, place: int | slice | str) -> Any:
        return self._raw[place] if isinstance(place, str) else self.items[place]

    def __repr__(self) -> str:
        return f"Page of {len(self)} {self._kind.__name__}{', more follow' if self.next else ''}"

    def to_dict(self) -> Json:
        """The page as the server gave it."""
        return dict(self._raw)

    def to_polars(self) -> polars.DataFrame:
        """These items as a Polars frame; needs ``polars``."""
        return frames.to_polars(_rows(self.items), self._kind)

    def to_pandas(self) -> pandas.DataFrame:
        """These items as a pandas frame; needs ``pandas``."""
        return frames.to_pandas(_rows(self.items), self._kind)

    def _repr_html_(self) -> str:
        return notebook.listing(
            self._kind.__name__, _rows(self.items), getattr(self._kind, "shown", ()), has_more=bool(self.next)
        )


def _rows(items: Sequence[object]) -> list[Json]:
    return [item.to_dict() if isinstance(item, Answer) else {"value": item} for item in items]


def _page_call(call: Call, limit: int | None, cursor: str | None) -> Call:
    paging = {"limit": limit, "cursor": cursor}
    return replace(call, params={**call.params, **{k: v for k, v in paging.items() if v is not None}})


class Listing(Generic[T]):
    """A list that has not been asked for yet: going through it reads page after page.

    Nothing is kept, so going through it again asks again.
    """

    def __init__(
        self,
        run: Callable[[Call, Callable[[httpx.Response], Page[T]]], Page[T]],
        call: Call,
        read: Callable[[httpx.Response], Page[T]],
        *,
        is_paged: bool,
    ) -> None:
        self._run, self._call, self._read, self._is_paged = run, call, read, is_paged

    def page(self, limit: int | None = None, cursor: str | None = None) -> Page[T]:
        """One page: the first, or the one of a ``cursor``; ``limit`` says how many items, at most 1,000."""
        return self._run(_page_call(self._call, limit, cursor) if self._is_paged else self._call, self._read)

    def pages(self, limit: int | None = None) -> Iterator[Page[T]]:
        """Every page in turn."""
        page = self.page(limit)
        yield page
        while page.next:
            page = self.page(limit, page.next)
            yield page

    def __iter__(self) -> Iterator[T]:
        for page in self.pages(PAGE):
            yield from page.items

    def all(self) -> list[T]:
        """Every item."""
        return list(self)

    def first(self) -> T | None:
        """The first item, or None."""
        return next(iter(self.page(1).items), None)

    def to_polars(self) -> polars.DataFrame:
        """Every item as a Polars frame; needs ``polars``."""
        frames.need("polars")
        return self._whole().to_polars()

    def to_pandas(self) -> pandas.DataFrame:
        """Every item as a pandas frame; needs ``pandas``."""
        frames.need("pandas")
        return self._whole().to_pandas()

    def _whole(self) -> Page[T]:
        return _joined(list(self.pages(PAGE)))

    def __repr__(self) -> str:
        return f"<list of {self._call.path}: go through it, or call .page(), .all(), .to_polars()>"

    def _repr_html_(self) -> str:
        return self.page(GLANCE)._repr_html_()


class AsyncListing(Generic[T]):
    """A list that has not been asked for yet: ``async for`` reads page after page."""

    def __init__(
        self,
        run: Callable[[Call, Callable[[httpx.Response], Page[T]]], Coroutine[Any, Any, Page[T]]],
        call: Call,
        read: Callable[[httpx.Response], Page[T]],
        *,
        is_paged: bool,
    ) -> None:
        self._run, self._call, self._read, self._is_paged = run, call, read, is_paged

    async def page(self, limit: int | None = None, cursor: str | None = None) -> Page[T]:
        """One page: the first, or the one of a ``cursor``; ``limit`` says how many items, at most 1,000."""
        return await self._run(_page_call(self._call, limit, cursor) if self._is_paged else self._call, self._read)

    async def pages(self, limit: int | None = None) -> AsyncIterator[Page[T]]:
        """Every page in turn."""
        page = await self.page(limit)
        yield page
        while page.next:
            page = await self.page(limit, page.next)
            yield page

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages(PAGE):
            for item in page.items:
                yield item

    async def all(self) -> list[T]:
        """Every item."""
        return [item async for item in self]

    async def first(self) -> T | None:
        """The first item, or None."""
        return next(iter((await self.page(1)).items), None)

    async def to_polars(self) -> polars.DataFrame:
        """Every item as a Polars frame; needs ``polars``."""
        frames.need("polars")
        return (await self._whole()).to_polars()

    async def to_pandas(self) -> pandas.DataFrame:
        """Every item as a pandas frame; needs ``pandas``."""
        frames.need("pandas")
        return (await self._whole()).to_pandas()

    async def _whole(self) -> Page[T]:
        return _joined([page async for page in self.pages(PAGE)])

    def __repr__(self) -> str:
        return f"<list of {self._call.path}: async for over it, or await .page(), .all(), .to_polars()>"


def _joined(pages: Sequence[Page[T]]) -> Page[T]:
    """One page with the items of all; there is always a first one."""
    whole = pages[0]
    for page in pages[1:]:
        whole.items += page.items
    whole.next = None
    return whole
