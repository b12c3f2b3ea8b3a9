"""Input ports that read object storage and REST APIs, each from a real server on this machine."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import obstore
import polars as pl
import pytest
from obstore.store import S3Store

from headway.catalog.connectors import growing
from headway.catalog.connectors.adapters.objects import read_files
from headway.catalog.connectors.adapters.places import Reach
from headway.catalog.connectors.adapters.rest import read_rest
from headway.catalog.connectors.errors import SourceFailed, SourceRefused
from headway.kernel.settings import Settings

PEOPLE = [
    {"id": n, "email": f"p{n}@example.org", "properties": {"amount": f"{n}.50", "at": f"2026-03-{n % 28 + 1:02d}"}}
    for n in range(1, 26)
]
TOKEN = "t0ken-of-the-crm"


class Crm(BaseHTTPRequestHandler):
    """A CRM system with a token, pages by cursor, a filter for what is new, and ways to fail."""

    asked: list[str] = []  # noqa: RUF012  what all requests asked for

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(self.path)
        if self.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.answer(401, {"error": "who are you"})
        if parts.path == "/away":
            self.send_response(302)
            self.send_header("location", "http://169.254.169.254/latest")
            return self.end_headers()
        found = [one for one in PEOPLE if one["id"] >= int(asked.get("since", 0))]
        start = int(asked.get("after", 0))
        rest = found[start : start + 10]
        paging = {"next": {"after": str(start + 10)}} if start + 10 < len(found) else {}
        return self.answer(200, {"results": rest, "paging": paging})

    def answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def crm() -> Iterator[str]:
    """The address of a CRM system."""
    Crm.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Crm)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reach:
    """Sales, who may reach this machine."""
    monkeypatch.setenv("HEADWAY_SECRET_SALES_CRM", TOKEN)
    monkeypatch.setenv("HEADWAY_SECRET_SALES_KEY", "testing")
    return Reach(settings=Settings(home=tmp_path, source_hosts="127.0.0.1"), department="sales")


def asked_of(url: str, **more: str) -> dict[str, str]:
    paging = {"pagination": "cursor", "next_path": "paging.next.after", "page_param": "after", "records": "results"}
    known = {"auth": "bearer", "secret": "env:HEADWAY_SECRET_SALES_CRM"}
    return {"url": url, "path": "contacts", **paging, **known, **more}


needs_dlt = pytest.mark.skipif(
    importlib.util.find_spec("dlt") is None, reason="dlt is not installed (extra connectors)"
)


@needs_dlt
def test_a_crm_is_read_page_by_page_and_then_only_what_is_new(reach: Reach, crm: str, tmp_path: Path) -> None:
    settings = asked_of(crm, cursor="id", cursor_param="since")
    (tmp_path / "one").mkdir()
    first = read_rest(reach, settings, tmp_path / "one", cursor=None)
    frame = pl.read_parquet(first.landed.path)
    assert frame["id"].to_list() == [str(n) for n in range(1, 26)]
    assert frame.columns == ["id", "email", "properties_amount", "properties_at"]
    assert frame["properties_amount"][9] == "10.50"
    assert first.cursor is not None
    assert growing.value_of(first.cursor) == 25
    assert len(Crm.asked) == 3
    (tmp_path / "two").mkdir()
    again = read_rest(reach, settings, tmp_path / "two", cursor=first.cursor)
    assert (again.landed.rows, again.cursor) == (1, first.cursor)
    assert "since=25" in Crm.asked[-1]


@needs_dlt
def test_a_wrong_token_and_a_way_out_are_told_without_the_secret(
    reach: Reach, crm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "away").mkdir()
    with pytest.raises(SourceFailed, match=r"may not reach 169\.254\.169\.254"):
        read_rest(reach, asked_of(crm) | {"path": "away", "pagination": "none"}, tmp_path / "away", cursor=None)
    monkeypatch.setenv("HEADWAY_SECRET_SALES_CRM", "wrong-secret")
    other = replace(reach, _read={})
    (tmp_path / "wrong").mkdir()
    with pytest.raises(SourceFailed, match="401") as refused:
        read_rest(other, asked_of(crm), tmp_path / "wrong", cursor=None)
    assert "wrong-secret" not in f"{refused.value.message}{refused.value.hint}"


def test_a_host_that_is_not_listed_is_never_asked(tmp_path: Path, crm: str) -> None:
    closed = Reach(settings=Settings(home=tmp_path), department="sales")
    with pytest.raises(SourceRefused if importlib.util.find_spec("dlt") else SourceFailed):
        read_rest(closed, asked_of(crm), tmp_path, cursor=None)
    assert Crm.asked == []


def test_files_of_a_bucket_are_read_once_each(reach: Reach, tmp_path: Path) -> None:
    moto = pytest.importorskip("moto.server", reason="moto with its server is not installed")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        _read_bucket(reach, f"http://127.0.0.1:{port}", tmp_path)
    finally:
        server.stop()


def _read_bucket(reach: Reach, endpoint: str, tmp_path: Path) -> None:
    keys = {"access_key_id": "testing", "secret_access_key": "testing", "region": "us-east-1"}
    urllib_put(endpoint + "/leads")
    store = S3Store("leads", endpoint=endpoint, client_options={"allow_http": True}, **keys)  # type: ignore[arg-type]
    obstore.put(store, "2026/a.csv", b"id,city\n1,Ulm\n2,Bonn\n")
    obstore.put(store, "2026/b.jsonl", b'{"id": 3, "city": "Kiel"}\n')
    obstore.put(store, "2026/deep/c.csv", b"id,city\n9,Trier\n")
    obstore.put(store, "2026/readme.txt", b"no table")
    settings = {
        "location": "s3://leads/2026/*.[cj]s*", "mode": "append", "endpoint": endpoint,
        "key": "env:HEADWAY_SECRET_SALES_KEY", "secret": "env:HEADWAY_SECRET_SALES_KEY",
    }  # fmt: skip
    made = read_files(reach, settings, tmp_path, seen={}, fits=lambda _: None)
    assert made.landed is not None
    assert pl.read_parquet(made.landed.path).sort("id").rows() == [("1", "Ulm"), ("2", "Bonn"), ("3", "Kiel")]
    obstore.put(store, "2026/d.csv", b"id,city\n4,Jena\n")
    later = read_files(reach, settings, tmp_path, seen=made.seen, fits=lambda _: None)
    assert later.landed is not None
    assert later.landed.rows == 1
    assert read_files(reach, settings, tmp_path, seen=later.seen, fits=lambda _: None).landed is None
    missing = settings | {"location": "s3://nobody/x/*.csv"}
    with pytest.raises(SourceFailed):
        read_files(reach, missing, tmp_path, seen={}, fits=lambda _: None)


def urllib_put(url: str) -> None:
    """Make a bucket: a PUT to its name."""
    from urllib.request import Request, urlopen

    with urlopen(Request(url, method="PUT"), timeout=10) as answer:
        assert answer.status == 200
