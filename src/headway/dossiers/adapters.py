"""Files for outside: the zip of an auditor's bundle, and the verifier that goes with it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from importlib import resources

from headway.kernel.canonical import canonical_json, sha256

_MOMENT = (1980, 1, 1, 0, 0, 0)
READ_ME = """An auditor's bundle of Headway.

Verify it on any machine with Python 3.9 or newer; nothing has to be installed:

    python verify.py BUNDLE.zip --trust KEYS.json

KEYS.json holds {key id: base64 public key}; get it from the operator by another way than this bundle. Read verify.py first:
it is short. manifest.json names every file with its digest; evidence.jsonl, approvals.jsonl, verdicts/ (DSSE), packs/ (DSSE),
documents/ and ledger/entries.jsonl (entries with inclusion proofs under a signed checkpoint) hold what was recorded;
council/items.jsonl (votes, reasons, recusals, conditions), minutes/, assessments.jsonl, risks.jsonl, incidents.jsonl,
projections.jsonl, mandates/ and rights/ (DSSE) and appetite.jsonl hold what people decided, each with its entries.
"""


def pack(about: Mapping[str, object], files: Mapping[str, bytes]) -> bytes:
    """Zip files with a manifest of their digests; equal files give equal bytes."""
    named = {name: sha256(data) for name, data in sorted(files.items())}
    manifest = canonical_json({"format": "headway-audit-bundle", "version": 1, **about, "files": named})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in {"manifest.json": manifest, **dict(sorted(files.items()))}.items():
            bundle.writestr(zipfile.ZipInfo(name, _MOMENT), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def verifier() -> bytes:
    """The program that verifies a bundle without Headway."""
    return (resources.files("headway.dossiers") / "verifier.py").read_bytes()
