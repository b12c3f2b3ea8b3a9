"""Between answers and frames: Polars and pandas, there and back, and what is said when they are absent."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import polars as pl
import pytest

from headway_client import AsyncNode, Client, Invalid, Node, Page, TooLarge
from headway_client.answers.identity import Person
from headway_client.answers.ledger import Event
from headway_client.answers.serving import Decision, DecisionView

RAW = {
    "id": "dec_1", "at": "2026-03-02T12:00:00.25Z", "environment": "sandbox", "score": 0.5, "band": None, "seq": 7,
    "flags": ["late"], "deployment": "d", "mood": {"new": 1},
}  # fmt: skip
ROWS = [RAW, {**RAW, "id": "dec_2", "score": 1, "flags": [], "band": "high", "mood": None}]


def page(rows: list[dict[str, Any]], kind: Any = DecisionView) -> Page[Any]:
    return Page({"items": rows, "next": None}, kind, kind)


# ------------------------------------------------------------------------------------------------ out of answers
def test_a_polars_frame_has_the_types_of_the_fields() -> None:
    frame = page(ROWS).to_polars()
    assert dict(frame.schema) == {
        "id": pl.String, "at": pl.Datetime("us", "UTC"), "environment": pl.String, "deployment": pl.String,
        "score": pl.Float64, "band": pl.String, "flags": pl.List(pl.String), "seq": pl.Int64, "mood": pl.String,
    }  # fmt: skip
    assert frame["at"][0] == datetime(2026, 3, 2, 12, 0, 0, 250_000, tzinfo=UTC)
    assert frame["score"].to_list() == [0.5, 1.0] and frame["band"].to_list() == [None, "high"]
    assert frame["flags"].to_list() == [["late"], []]
    assert json.loads(frame["mood"][0]) == {"new": 1}, "a field of a newer server comes along"


def test_a_pandas_frame_has_the_types_of_the_fields() -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = page(ROWS).to_pandas()
    assert frame["at"].dtype == "datetime64[us, UTC]" or str(frame["at"].dtype).endswith("UTC]")
    assert frame["at"][0] == pd.Timestamp("2026-03-02T12:00:00.25Z")
    assert (str(frame["seq"].dtype), str(frame["score"].dtype)) == ("Int64", "Float64")
    assert frame["flags"].tolist() == [["late"], []] and frame["mood"][0] == {"new": 1}


def test_frames_of_nothing_still_have_columns() -> None:
    frame = page([], Person).to_polars()
    assert frame.shape == (0, 7) and frame.schema["created_at"] == pl.Datetime("us", "UTC")
    pytest.importorskip("pandas", reason="pandas is not installed")
    assert list(page([], Person).to_pandas().columns) == frame.columns


def test_payloads_of_many_shapes_do_not_break_a_frame() -> None:
    payloads: list[Any] = [{"a": 1}, {"a": "x", "b": [1, {"c": None}]}, None, {}]
    rows = [{"id": str(i), "payload": payload, "leaf_index": i or None} for i, payload in enumerate(payloads)]
    frame = page(rows, Event).to_polars()
    assert [None if text is None else json.loads(text) for text in frame["payload"]] == payloads
    assert frame["leaf_index"].to_list() == [None, 1, 2, 3]


def test_a_whole_list_becomes_a_frame() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("cursor", 0))
        items = [{**RAW, "id": f"dec_{i}"} for i in range(start, start + 200)]
        return httpx.Response(200, json={"items": items, "next": str(start + 200) if start < 800 else None})

    frame = Client("http://x", transport=httpx.MockTransport(serve)).decisions.list().to_polars()
    assert frame["id"].to_list() == [f"dec_{i}" for i in range(1000)]


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_an_absent_library_is_told_with_the_way_to_get_it(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    asked: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"items": [], "next": None})

    transport = httpx.MockTransport(keep)
    listing = Client("http://x", transport=transport).decisions.list()
    with pytest.raises(ImportError, match=f"this needs {library}, which is not installed: pip install {library}"):
        getattr(listing, f"to_{library}")()
    assert asked == [], "told before anything is asked of the server"


# ------------------------------------------------------------------------------------------------ into decisions
class FakeNode:
    """Scores ``age`` and takes at most ``most`` records in a request."""

    def __init__(self, most: int = 1000, broken: int | None = None) -> None:
        self.most, self.broken, self.sizes, self.seen = most, broken, list[int](), list[dict[str, Any]]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        records = json.loads(request.content)
        if len(records) > self.most:
            return httpx.Response(413, json={"code": "node.too_many_records", "detail": "too many"})
        if any(record.get("age") == self.broken for record in records if self.broken is not None):
            return httpx.Response(422, json={"code": "runtime.contract_broken", "detail": "broken", "faults": [{}]})
        self.sizes.append(len(records))
        self.seen += records
        return httpx.Response(200, json=[decided(record["age"]) for record in records])

    def node(self) -> Node:
        return Node("http://x", "t", transport=httpx.MockTransport(self))

    def async_node(self) -> AsyncNode:
        return AsyncNode("http://x", "t", transport=httpx.MockTransport(self))


def decided(age: int) -> dict[str, Any]:
    held_out = age % 10 == 0
    reason = {"feature": "age", "label": "Age", "value": age, "contribution": 0.1, "direction": "raises"}
    return {
        "decision": f"dec_{age}", "deployment": "leads", "environment": "sandbox", "arm": "hold_out" if held_out else "champion",
        "release": None, "version": None, "score": None if held_out else age / 100, "band": None, "action": "call",
        "reasons": [] if held_out else [reason], "reference": None, "flags": [],
    }  # fmt: skip


AGES = list(range(18, 99))


def test_a_polars_frame_is_decided_in_portions_and_in_order() -> None:
    fake, told = FakeNode(), list[tuple[int, int]]()
    frame = pl.DataFrame({"age": AGES, "day": [date(2026, 3, 2)] * len(AGES), "income": [float("nan")] * len(AGES)})
    made = fake.node().decide_frame(
        "leads", frame, portion=30, on_progress=lambda done, whole: told.append((done, whole))
    )
    assert isinstance(made, pl.DataFrame)
    assert made["decision"].to_list() == [f"dec_{age}" for age in AGES]
    assert made["score"].to_list() == [None if age % 10 == 0 else age / 100 for age in AGES]
    assert json.loads(made["reasons"][0])[0]["feature"] == "age"
    assert fake.sizes == [30, 30, 21] and told == [(30, 81), (60, 81), (81, 81)]
    assert fake.seen[0] == {"age": 18, "day": "2026-03-02", "income": None}
    assert frame.with_columns(made["score"]).height == len(AGES), "it fits beside what was asked about"


def test_plain_records_are_decided_too() -> None:
    made = FakeNode().node().decide_frame("leads", [{"age": 19, "price": Decimal("1.5")}])
    assert [type(one) for one in made] == [Decision] and made[0].score == 0.19


def test_a_pandas_frame_keeps_its_index_and_missing_values_are_none() -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    fake = FakeNode()
    frame = pd.DataFrame(
        {"age": AGES[:3], "when": pd.to_datetime(["2026-03-02", None, "2026-03-03"]), "x": [1.5, None, 2.0],
         "n": pd.array([1, None, 3], dtype="Int64"), "s": ["a", None, "b"]}, index=["r1", "r2", "r3"],
    )  # fmt: skip
    made = fake.node().decide_frame("leads", frame)
    assert list(made.index) == ["r1", "r2", "r3"] and made["decision"]["r2"] == "dec_19"
    assert fake.seen[1] == {"age": 19, "when": None, "x": None, "n": None, "s": None}
    assert fake.seen[0] == {"age": 18, "when": "2026-03-02T00:00:00", "x": 1.5, "n": 1, "s": "a"}


def test_portions_that_prove_too_large_are_halved() -> None:
    fake = FakeNode(most=13)
    made = fake.node().decide_frame("leads", pl.DataFrame({"age": AGES}))
    assert made["decision"].to_list() == [f"dec_{age}" for age in AGES]
    assert max(fake.sizes) == 10 and sum(fake.sizes) == len(AGES), fake.sizes
    with pytest.raises(TooLarge):
        FakeNode(most=0).node().decide_frame("leads", pl.DataFrame({"age": AGES}))


def test_what_was_decided_before_a_failure_is_told_with_it() -> None:
    with pytest.raises(Invalid) as caught:
        FakeNode(broken=50).node().decide_frame("leads", pl.DataFrame({"age": AGES}), portion=10)
    assert [one.decision for one in caught.value.decided] == [f"dec_{age}" for age in range(18, 48)]
    assert "30 rows were decided before this" in caught.value.__notes__[0]


def test_the_async_node_does_the_same() -> None:
    async def go() -> None:
        async with FakeNode(most=13).async_node() as node:
            made = await node.decide_frame("leads", pl.DataFrame({"age": AGES}))
            assert made["decision"].to_list() == [f"dec_{age}" for age in AGES]
            many = await node.decide("leads", [{"age": 20}, {"age": 21}])
            assert [one.score for one in many] == [None, 0.21] and many[1].reasons[0].label == "Age"

    asyncio.run(go())


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(TypeError, match="a frame of Polars or pandas, or a list of records"):
        FakeNode().node().decide_frame("leads", 3)
    with pytest.raises(TypeError, match="collect"):
        FakeNode().node().decide_frame("leads", pl.LazyFrame({"age": AGES}))
    with pytest.raises(ValueError, match="at least one record"):
        FakeNode().node().decide_frame("leads", [{"age": 1}], portion=0)
