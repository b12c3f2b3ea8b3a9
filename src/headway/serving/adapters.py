"""Outside of serving: files of outcomes, whatever their form, and nodes that are asked for a decision."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.kernel.errors import Fault, Invalid, Scalar
from headway.serving.entities import ReasonView, TriedDecision
from headway.serving.errors import NodeRefused, NodeUnreachable, RecordRefused

if TYPE_CHECKING:
    import httpx
    import polars as pl

Ask = Callable[[str, str, Mapping[str, Scalar]], TriedDecision | None]
PATIENCE_SECONDS = 8.0
BETWEEN_SECONDS = 0.2
TIMEOUT_SECONDS = 5.0
_NOT_YET = {"node.token_unknown", "node.not_granted", "node.deployment_unknown", "node.not_fresh"}


def read_text_frame(path: Path, filename: str) -> pl.DataFrame:
    """Read a CSV or Parquet file with every value as text; raises Invalid when it is neither or is broken."""
    import polars as pl

    suffix = Path(filename).suffix.lower()
    try:
        if suffix == ".parquet":
            frame = pl.read_parquet(path)
            times = [name for name, kind in frame.schema.items() if kind == pl.Datetime]
            stamped = frame.with_columns(pl.col(times).dt.strftime("%Y-%m-%dT%H:%M:%S%.f"))
            return stamped.with_columns(pl.all().cast(pl.String))
        if suffix in (".csv", ".txt", ".tsv"):
            separator = "\t" if suffix == ".tsv" else ","
            return pl.read_csv(path, infer_schema=False, separator=separator)
    except (pl.exceptions.PolarsError, UnicodeDecodeError, OSError) as error:
        raise Invalid(f"{filename} cannot be read: {str(error).splitlines()[0]}") from error
    raise Invalid(f"{filename} is neither CSV nor Parquet", hint="outcomes come as .csv or .parquet")


def ask_node(url: str, token: str, record: Mapping[str, Scalar]) -> TriedDecision | None:
    """Ask a node to decide about a record, for as long as it takes nodes to hear of a new grant.

    Returns: the decision; None when the node still does not know the token.
    Raises: RecordRefused, NodeRefused, NodeUnreachable.
    """
    import httpx

    deadline = time.monotonic() + PATIENCE_SECONDS
    with httpx.Client(timeout=TIMEOUT_SECONDS, headers={"authorization": f"Bearer {token}"}) as client:
        while True:
            try:
                answer = client.post(url, json=dict(record))
            except httpx.HTTPError as error:
                told = f"no node answers at {url}: {error}"
                raise NodeUnreachable(told, hint="see that a node of this environment runs") from error
            if answer.status_code == httpx.codes.OK:
                return _tried(answer.json())
            problem = _problem(answer)
            if problem.get("code") not in _NOT_YET:
                raise _refusal(problem, answer.status_code)
            if time.monotonic() > deadline:
                return None
            time.sleep(BETWEEN_SECONDS)


def _tried(told: Mapping[str, Any]) -> TriedDecision:
    reasons = tuple(
        ReasonView(feature=one["feature"], label=one["label"], value=one["value"], contribution=one["contribution"])
        for one in told["reasons"]
    )
    names = TriedDecision.__dataclass_fields__.keys() - {"reasons", "flags"}
    return TriedDecision(reasons=reasons, flags=tuple(told["flags"]), **{name: told[name] for name in names})


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        told = None
    return told if isinstance(told, dict) else {"detail": f"the node answered {answer.status_code}"}


def _refusal(problem: Mapping[str, Any], status: int) -> Invalid | NodeRefused:
    faults = [Fault(**one) for one in problem.get("faults", ())]
    message, hint = str(problem.get("detail", "the node refused")), problem.get("hint")
    if status == Invalid.status:
        return RecordRefused(message, hint=hint, faults=faults)
    return NodeRefused(message, hint=hint, values={"node": str(problem.get("code", ""))})
