"""OSCAL 1.1.2: packs as catalogues, a use case as a component definition, verdicts as assessment results. Pure.

Source: NIST OSCAL, https://pages.nist.gov/OSCAL (catalog, component-definition, assessment-results, JSON). Identifiers are
UUIDs of version 5 over our own names, so that equal records give an equal document.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, Final

from headway.dossiers.records import Records
from headway.governance import Control, Pack, VerdictRecord

VERSION: Final = "1.1.2"
NAMESPACE: Final = "https://headway.example/ns/oscal"
_NOT_TOKEN: Final = re.compile(r"[^A-Za-z0-9._-]")
Document = dict[str, Any]


def catalog_of(pack: Pack) -> Document:
    """A pack of rules as an OSCAL catalogue: one control each, with its source, condition and what it needs."""
    made_at = datetime.combine(pack.as_of, time(), UTC)
    return {
        "catalog": {
            "uuid": _id("catalog", pack.digest),
            "metadata": _metadata(pack.title, pack.version, made_at, {"pack": pack.id, "digest": pack.digest}),
            "controls": [_control(one) for one in pack.controls],
        }
    }


def component_of(r: Records, at: datetime) -> Document:
    """A use case, its version and its systems as components that implement the controls of the packs that are on."""
    latest = next(iter(r.verdicts), None)
    answered = {(one.pack.partition("@")[0], one.id): one for one in latest.controls} if latest else {}
    implementations = [
        {
            "uuid": _id("implementation", r.case.slug, pack.digest),
            "source": f"#{_id('catalog', pack.digest)}",
            "description": f"Controls of {pack.title} as the gates of Headway ask them.",
            "implemented-requirements": [
                {
                    "uuid": _id("requirement", r.case.slug, pack.digest, control.id),
                    "control-id": _token(control.id),
                    "description": _text(
                        found.reason if (found := answered.get((pack.id, control.id))) else control.missing
                    ),
                    "props": [_prop("status", found.status.value if found else "not-asked")],
                }
                for control in pack.controls
            ],
        }
        for pack in r.packs
        if pack.controls
    ]
    main = {
        "uuid": _id("component", r.case.slug),
        "type": "software",
        "title": r.case.title,
        "description": _text(r.case.purpose),
        "props": [_prop("usecase", r.case.slug), _prop("legal-tier", r.case.tier.value), *_version(r)],
        "control-implementations": implementations,
    }
    systems = [
        {
            "uuid": _id("system", one.slug),
            "type": "service" if one.vendor else "software",
            "title": one.title,
            "description": _text(one.description),
        }
        for one in r.systems
    ]
    metadata = _metadata(
        f"Component definition: {r.case.title}", "1", at, {"usecase": r.case.slug, "digest": r.case.digest}
    )
    return {
        "component-definition": {
            "uuid": _id("definition", r.case.slug, r.case.digest),
            "metadata": metadata,
            "components": [main, *systems],
        }
    }


def results_of(r: Records, at: datetime) -> Document:
    """The signed verdicts of a use case as OSCAL assessment results: a result each, with a finding for every control.

    Raises: ValueError: there is no verdict, of which OSCAL needs at least one.
    """
    if not r.verdicts:
        raise ValueError(f"{r.case.slug} has no verdict")
    metadata = _metadata(f"Verdicts on {r.case.title}", "1", at, {"usecase": r.case.slug})
    return {
        "assessment-results": {
            "uuid": _id("results", r.case.slug, *(one.id for one in r.verdicts)),
            "metadata": metadata,
            "import-ap": {"href": f"#{_id('definition', r.case.slug, r.case.digest)}"},
            "results": [_result(one) for one in r.verdicts],
        }
    }


def _result(verdict: VerdictRecord) -> Document:
    asked = [one for one in verdict.controls if one.status.value != "not_applicable"]
    observed = {one.id: _id("observation", verdict.id, one.pack, one.id) for one in asked}
    made: Document = {
        "uuid": _id("result", verdict.id),
        "title": f"Gate {verdict.gate} in {verdict.environment}: {verdict.result}",
        "description": f"Signed verdict {verdict.id} on {verdict.subject}.",
        "start": _moment(verdict.issued_at),
        "props": [
            _prop("verdict", verdict.id),
            _prop("result", verdict.result),
            _prop("envelope-digest", verdict.envelope_digest),
            _prop("subject-digest", verdict.subject_digest),
        ],
        "reviewed-controls": {"control-selections": [_selection([one.id for one in asked])]},
    }
    if asked:
        made["observations"] = [
            {
                "uuid": observed[one.id],
                "description": _text(one.reason),
                "methods": ["TEST"],
                "collected": _moment(verdict.issued_at),
                "relevant-evidence": [
                    {"href": f"#{evidence}", "description": f"Evidence {evidence} of Headway."}
                    for evidence in one.evidence_ids
                ]
                or [{"description": "No evidence was there."}],
            }
            for one in asked
        ]
        made["findings"] = [
            {
                "uuid": _id("finding", verdict.id, one.pack, one.id),
                "title": _text(one.title),
                "description": _text(one.reason),
                "target": {
                    "type": "objective-id",
                    "target-id": _token(one.id),
                    "status": {"state": "satisfied" if one.status.value == "passed" else "not-satisfied"},
                    "props": [_prop("status", one.status.value), _prop("enforce", one.enforce)],
                },
                "related-observations": [{"observation-uuid": observed[one.id]}],
            }
            for one in asked
        ]
    return made


def _selection(ids: Sequence[str]) -> Document:
    if not ids:
        return {"include-all": {}}
    return {"include-controls": [{"control-id": _token(one)} for one in dict.fromkeys(ids)]}


def _control(control: Control) -> Document:
    return {
        "id": _token(control.id),
        "title": _text(control.title),
        "props": [
            _prop("source", control.source),
            _prop("enforce", control.enforce),
            _prop("confidence", control.confidence),
        ],
        "parts": [
            _part(control, "statement", control.title),
            _part(control, "guidance", f"Where it is not passed: {control.missing}"),
            _part(control, "assessment-objective", control.check or "The evidence is there and fresh."),
        ],
    }


def _part(control: Control, name: str, prose: str) -> Document:
    return {"id": f"{_token(control.id)}_{name}", "name": name, "prose": prose}


def _version(r: Records) -> list[Document]:
    return [_prop("version", r.version.ref), _prop("digest", r.version.digest)] if r.version else []


def _metadata(title: str, version: str, at: datetime, props: Mapping[str, str]) -> Document:
    return {
        "title": title,
        "last-modified": _moment(at),
        "version": version,
        "oscal-version": VERSION,
        "props": [_prop(name, value) for name, value in props.items()],
    }


def _prop(name: str, value: str) -> Document:
    return {"name": name, "ns": NAMESPACE, "value": " ".join(value.split()) or "none"}


def _text(value: str | None) -> str:
    return (value or "").strip() or "Nothing is recorded."


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _token(text: str) -> str:
    """A name as OSCAL's tokens are: a letter first, then letters, digits, dots, hyphens, underscores."""
    made = _NOT_TOKEN.sub("-", text)
    return made if made[:1].isalpha() or made[:1] == "_" else f"c-{made}"


def _id(*parts: str) -> str:
    """A UUID of version 5 (RFC 9562, section 5.5) over our names; OSCAL takes versions 4 and 5."""
    named = "\n".join((NAMESPACE, *parts)).encode()
    digits = bytearray(hashlib.sha1(named, usedforsecurity=False).digest()[:16])
    digits[6] = digits[6] & 0x0F | 0x50
    digits[8] = digits[8] & 0x3F | 0x80
    text = digits.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
