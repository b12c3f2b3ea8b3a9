"""How fast is the governed path against a hand-written endpoint that governs nothing?

Ours: token, grant, verdict-checked release, contract, score, exact reasons, sticky arm, hash-chained encrypted record
on the disk before the answer; a real node process, one worker. Peer: FastAPI, pydantic and a LightGBM booster under
uvicorn, one worker, one thread, access log off. The same model, the same rows, the same run, in turns.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from harness import ROOT, Bench

from headway import runtime
from headway.kernel import canonical, clock, crypto
from headway.kernel.settings import Settings
from headway.kernel.storage import Storage

NUMBERS, CATEGORIES, LETTERS = 30, 5, "abcdefghijkl"
TOKEN = "hwy_bench_secret"  # noqa: S105  it opens nothing but this benchmark
HERE = Path(__file__).resolve().parent


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="not used: the model and rows are generated")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hw-bench-") as folder:
        run(Path(folder), given.rounds, given.seconds)


# ------------------------------------------------------------------------------------------------ model and rows
def train(folder: Path) -> tuple[str, list[dict[str, object]]]:
    """Train 300 trees of 31 leaves on 30 numbers and 5 categories; returns the model's text and rows to ask about."""
    import lightgbm

    random = np.random.default_rng(7)
    numbers = random.normal(size=(20_000, NUMBERS))
    codes = random.integers(0, len(LETTERS), size=(20_000, CATEGORIES))
    signal_ = numbers[:, :6].sum(axis=1) + np.sin(numbers[:, 6] * 3) * 2 + (codes[:, 0] > 5) * 1.5
    label = random.random(20_000) < 1 / (1 + np.exp(-signal_))
    numbers[random.random(numbers.shape) < 0.03] = np.nan
    X = np.hstack([numbers, codes.astype(float)])
    data = lightgbm.Dataset(X, label, categorical_feature=list(range(NUMBERS, NUMBERS + CATEGORIES)))
    settings = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.05, "num_threads": 1, "verbose": -1}
    booster = lightgbm.train(settings, data, 300)
    text = booster.model_to_string()
    (folder / "model.txt").write_text(text)
    return text, [_record(numbers[i], codes[i], i) for i in range(200)]


def _record(numbers: np.ndarray, codes: np.ndarray, i: int) -> dict[str, object]:
    named: dict[str, object] = {"lead_id": f"L-{i}"}
    named |= {f"n{j}": None if np.isnan(v) else round(float(v), 4) for j, v in enumerate(numbers)}
    return named | {f"c{j}": LETTERS[int(code)] for j, code in enumerate(codes)}


def contract() -> dict[str, object]:
    """The rows' contract: ranges for numbers, closed lists for categories."""
    bounds = {"minimum": -1e6, "maximum": 1e6}
    listed = {"type": "library", "metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": list(LETTERS)}}
    properties: list[dict[str, object]] = [{"name": "lead_id", "logicalType": "string"}]
    properties += [{"name": f"n{i}", "logicalType": "number", "logicalTypeOptions": bounds} for i in range(NUMBERS)]
    properties += [{"name": f"c{i}", "logicalType": "string", "quality": [listed]} for i in range(CATEGORIES)]
    schema = [{"name": "rows", "properties": properties}]
    return {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "rows", "version": "1.0.0", "schema": schema}


def publish(home: Path, model: str) -> Settings:
    """Do the control plane's work: bundle, verdict, grant and snapshot of one deployment."""
    settings = Settings(home=home, environment="production")
    signer = crypto.load_or_create_signer(settings.keys / "signer.key")
    trusted = {signer.key_id: base64.b64encode(signer.public).decode()}
    settings.trust_file.write_text(json.dumps(trusted))
    crypto.load_or_create_secret(settings.segment_key_file)
    storage = Storage(settings.storage)
    numbers = tuple(runtime.Feature(name=f"n{i}", column=f"n{i}", kind="number") for i in range(NUMBERS))
    categories = tuple(
        runtime.Feature(name=f"c{i}", column=f"c{i}", kind="category", categories=tuple(LETTERS))
        for i in range(CATEGORIES)
    )
    reference = {f"n{i}": 0.0 for i in range(NUMBERS)} | {f"c{i}": "a" for i in range(CATEGORIES)}
    high, low = (
        runtime.Band(name="high", at_least=0.5, action="call"),
        runtime.Band(name="low", at_least=None, action="mail"),
    )
    draft = runtime.Release(
        model=runtime.ModelInfo(name="bench", version="1", format="lightgbm-text", path="model.txt"),
        files={},
        contract_path="contract.json",
        contract_digest=canonical.sha256(b""),
        features=(*numbers, *categories),
        policy=runtime.Policy(bands=(high, low), default_action="mail"),
        explanation=runtime.Explanation(reference=reference, reference_name="zero row", top_k=4),
    )
    files = {"model.txt": model.encode(), "contract.json": json.dumps(contract()).encode()}
    subject = runtime.write_bundle(storage, runtime.pack_bundle(files, draft))
    now, nothing = clock.now(), canonical.sha256(b"")
    verdict = runtime.Verdict(
        id="vrd_bench", gate="pre_deploy", environment="production", subject_digest=subject, pack_digest=nothing,
        facts_digest=nothing, result="pass", controls=(), issued_at=now, serve_until=now + timedelta(days=1),
        key_id=signer.key_id,
    )  # fmt: skip
    runtime.put_verdict(storage, signer, verdict)
    arms = (
        runtime.Arm(name="champion", release=subject, share=0.5),
        runtime.Arm(name="challenger", release=subject, share=0.5),
    )
    deployment = runtime.Deployment(
        name="bench", usecase="bench", state="active", salt="s", arms=arms, subject_field="lead_id"
    )
    grant = runtime.Grant(deployment="bench", scope="decide", principal="service:bench")
    snapshot = runtime.Snapshot(
        environment="production", epoch=1, deployments={"bench": deployment},
        grants={canonical.sha256(TOKEN.encode()): (grant,)}, issued_at=now, fresh_until=now + timedelta(hours=6),
    )  # fmt: skip
    runtime.publish_snapshot(storage, signer, snapshot)
    return settings


# ------------------------------------------------------------------------------------------------ servers
@dataclass
class Server:
    """A server process in a session of its own, and the request that is sent to it."""

    name: str
    port: int
    path: str
    headers: dict[str, str]
    process: subprocess.Popen[bytes]

    def requests(self, rows: list[dict[str, object]]) -> list[str]:
        """The raw requests."""
        made = []
        for row in rows:
            body = json.dumps({k: v for k, v in row.items() if v is not None}, separators=(",", ":"))
            lines = [f"POST {self.path} HTTP/1.1", "host: bench", "content-type: application/json"]
            lines += [f"{name}: {value}" for name, value in self.headers.items()]
            made.append("\r\n".join([*lines, f"content-length: {len(body)}", "", body]))
        return made

    def answer(self, row: dict[str, object]) -> dict[str, object]:
        """Ask once."""
        body = json.dumps({k: v for k, v in row.items() if v is not None}).encode()
        headers = {**self.headers, "content-type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{self.path}", body, headers)
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310  our own address
            return json.loads(response.read())  # type: ignore[no-any-return]  # an object by its contract

    def until_ready(self, row: dict[str, object]) -> None:
        """Wait for a good answer."""
        deadline = time.monotonic() + 120
        while True:
            try:
                self.answer(row)
                return
            except (OSError, urllib.error.HTTPError) as error:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise SystemExit(f"{self.name} does not answer: {error}") from error
                time.sleep(0.1)

    def cpu_seconds(self) -> float:
        """CPU time of the server and its workers so far."""
        ticks = 0
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                if int(fields[3]) == self.process.pid:  # session
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End the server and its workers."""
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)


def launch(name: str, path: str, headers: dict[str, str], command: list[str], environ: dict[str, str]) -> Server:
    """Start a server; ``{port}`` in its command is a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [part.replace("{port}", str(port)) for part in command],
        env={**os.environ, "OMP_NUM_THREADS": "1", **environ}, cwd=HERE, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return Server(name, port, path, headers, process)


def governed(settings: Settings) -> Server:
    """Start a node."""
    command = [sys.executable, "-m", "headway.entrypoints.node", "--environment", "production", "--port", "{port}"]
    environ = {"HEADWAY_HOME": str(settings.home)}
    return launch("governed", "/v1/decisions/bench", {"authorization": f"Bearer {TOKEN}"}, command, environ)


def handwritten(folder: Path) -> Server:
    """Start the peer."""
    command = [sys.executable, "-m", "uvicorn", "peers.fastapi_endpoint:app", "--port", "{port}", "--no-access-log"]
    command += ["--loop", "uvloop", "--log-level", "error"]
    return launch("FastAPI + pydantic + booster", "/score", {}, command, {"MODEL": str(folder / "model.txt")})


# ------------------------------------------------------------------------------------------------ measuring
@dataclass
class Load:
    """What one burst of requests found."""

    req_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float


def burst(server: Server, rows: list[dict[str, object]], connections: int, seconds: float, folder: Path) -> Load:
    """Send requests over some connections for some seconds."""
    job = folder / "job.json"
    asked = {"host": "127.0.0.1", "port": server.port, "requests": server.requests(rows)}
    job.write_text(json.dumps(asked | {"connections": connections, "seconds": seconds}))
    before = server.cpu_seconds()
    done = subprocess.run([sys.executable, HERE / "load.py", job], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    if found["errors"]:
        raise SystemExit(f"{server.name}: {found['errors']} of {found['requests']} requests failed")
    cpu = (server.cpu_seconds() - before) * 1e6 / found["requests"]
    return Load(found["requests"] / found["seconds"], found["p50_ms"], found["p99_ms"], cpu)


def run(folder: Path, rounds: int, seconds: float) -> None:
    """Start both, check that they agree, load them in turns and report medians."""
    model, rows = train(folder)
    ours, peer = governed(publish(folder / "home", model)), handwritten(folder)
    try:
        for server in (ours, peer):
            server.until_ready(rows[0])
        _check_equal(ours, peer, rows)
        found: dict[tuple[str, int], list[Load]] = {}
        for server in (ours, peer):
            burst(server, rows, 8, 1.0, folder)
        for _ in range(rounds):
            for connections in (1, 32):
                for server in (ours, peer):
                    load = burst(server, rows, connections, seconds, folder)
                    found.setdefault((server.name, connections), []).append(load)
    finally:
        ours.stop()
        peer.stop()
    report(found, ours.name, peer.name)


def _check_equal(ours: Server, peer: Server, rows: list[dict[str, object]]) -> None:
    for row in rows[:50]:
        mine, theirs = float(str(ours.answer(row)["score"])), float(str(peer.answer(row)["score"]))
        if abs(mine - theirs) > 1e-9:
            raise SystemExit(f"the servers disagree: {mine} and {theirs}")


def report(found: dict[tuple[str, int], list[Load]], ours: str, peer: str) -> None:
    """Write the medians over the rounds."""
    bench = Bench("serving")

    def median(name: str, connections: int, figure: str) -> float:
        return statistics.median(getattr(load, figure) for load in found[name, connections])

    for metric, connections, figure, unit in (
        ("req_s_c32", 32, "req_s", "1/s"),
        ("p50_ms_c1", 1, "p50_ms", "ms"),
        ("p50_ms_c32", 32, "p50_ms", "ms"),
        ("p99_ms_c32", 32, "p99_ms", "ms"),
        ("cpu_us_per_request", 32, "cpu_us", "us"),
    ):
        bench.add(
            "governed", metric, median(ours, connections, figure), unit, peer=peer,
            peer_value=median(peer, connections, figure), better="higher" if figure == "req_s" else "lower",
        )  # fmt: skip
    bench.finish()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
