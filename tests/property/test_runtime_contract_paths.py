"""The contract's fast path and its slow path tell the same story, whatever is sent."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headway import runtime
from headway.kernel.errors import HeadwayError, problem
from headway.runtime import ContractBroken
from headway.runtime.contract_faults import parse, record_faults
from headway.runtime.contract_rules import read_rules
from tests.factories.dose import examples
from tests.factories.releases import CONTRACT, RECORD

COLUMNS = ["age", "balance", "job", "since", "is_client", "channel"]
COMPILED = runtime.compile_contract(CONTRACT, COLUMNS, subject_field="customer")
RULES = [*read_rules(CONTRACT, COLUMNS), *read_rules(CONTRACT, ["customer"])]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(
        ["web", "phone", "nurse", "clerk", "2015-06-30", "1999-12-31", "2015-13-01", "12", "job\n", 18, 17]
    )
    | st.dates().map(str)
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
fields = st.sampled_from([*RECORD, "bought", "extra", "ag", ""])
records = st.dictionaries(fields, values, max_size=8).map(lambda changed: {**RECORD, **changed}) | st.dictionaries(
    fields, values
)
bodies: st.SearchStrategy[Any] = records | st.lists(records | values, max_size=4) | values


@settings(max_examples=examples(600), deadline=None)
@given(body=bodies)
def test_the_fast_path_lets_in_exactly_what_has_no_fault(body: Any) -> None:
    raw = json.dumps(body).encode()
    listed = body if isinstance(body, list) else [body]
    parsed = parse(raw)  # json.dumps writes NaN and Infinity; the slow path knows them
    again = parsed if isinstance(parsed, list) else [parsed]
    checks = COMPILED._checks
    wrong = [
        fault
        for row, record in enumerate(again, start=1)
        for fault in record_faults(record, row, RULES, checks=checks, known=[], spare=[], suggest=lambda name: None)
    ]
    try:
        batch = COMPILED.decode(raw)
    except ContractBroken as error:
        assert wrong or not listed
        assert len(error.faults) == max(len(wrong), 1)
        assert all(fault.rule != "record" for fault in error.faults), "the slow path knows why"
        json.dumps(problem(error), allow_nan=False).encode()
    else:
        assert not wrong
        assert json.loads(batch.input_json(0)) is not None


@settings(max_examples=examples(500), deadline=None)
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_end_in_records_or_faults(body: bytes) -> None:
    try:
        batch = COMPILED.decode(body)
    except ContractBroken as error:
        assert error.faults
    else:
        assert len(batch)


@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_a_damaged_body_ends_in_records_or_faults(data: st.DataObject) -> None:
    raw = json.dumps([RECORD, RECORD]).encode()
    at = data.draw(st.integers(0, len(raw) - 1))
    damaged = raw[:at] + data.draw(st.binary(max_size=3)) + raw[at + data.draw(st.integers(0, 3)) :]
    try:
        COMPILED.decode(damaged)
    except HeadwayError as error:
        assert error.faults
