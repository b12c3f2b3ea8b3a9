"""Style sheets, scripts, fonts and icons: read once into memory, compressed once, served under an address that changes with them.

Everything comes from this package: our own files in ``static/``, those of front-end packages in ``vendor/`` (brought by the
build), and the style sheet of charts. No address of another host appears in any of them.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response
from markupsafe import Markup, escape

from headway.kernel.errors import NotFound, Unavailable

router = APIRouter(include_in_schema=False)
FOREVER = "public, max-age=31536000, immutable"
MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
_TEXT = (".css", ".js", ".svg", ".txt", ".webmanifest")
_SVG_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent; ``packed`` is None when compressing gains nothing."""

    media: str
    body: bytes
    packed: bytes | None


@cache
def assets() -> dict[str, Asset]:
    """Every file that pages may ask for, by its name below ``/static/VERSION/``."""
    here = resources.files("headway.entrypoints.pages")
    found = {**_below(here / "static", ""), **_below(here / "vendor", "vendor/")}
    if "vendor/tabler.min.css" not in found:
        raise Unavailable(
            "the front-end files are missing from this installation",
            hint="install a wheel of Headway, or run 'python hatch_build.py' in the source tree",
        )
    found["charts.css"] = _asset("charts.css", (resources.files("headway.documents") / "charts.css").read_bytes())
    return found


@cache
def version() -> str:
    """A short digest of all files: the part of their address that changes when one of them does."""
    digest = hashlib.sha256()
    for name, asset in sorted(assets().items()):
        digest.update(name.encode() + b"\0" + asset.body)
    return digest.hexdigest()[:12]


def static(name: str) -> str:
    """The address of a file; raises NotFound when the package does not hold it."""
    if name not in assets():
        raise NotFound(f"there is no static file {name}")
    return f"/static/{version()}/{name}"


@cache
def icon(name: str, label: str = "") -> Markup:
    """An icon as inline SVG; decorative unless it has a label. Raises NotFound: list its name in frontend/files.json."""
    found = assets().get(f"vendor/icons/{name}.svg")
    if found is None:
        raise NotFound(f"there is no icon {name}", hint="add it to icon_names in frontend/files.json")
    body = _SVG_BODY.search(found.body.decode())
    told = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    inner = Markup(" ".join(body[1].split()) if body else "")  # noqa: S704  the icon of a package, brought by the build
    return Markup(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" '
        'stroke-linejoin="round" {}>{}</svg>'
    ).format(told, inner)


@router.get("/static/{stamp}/{name:path}")
def send(stamp: str, name: str, request: Request) -> Response:
    """Send a file; one under the current address may be kept for ever."""
    asset = assets().get(name)
    if asset is None:
        raise NotFound(f"there is no static file {escape(name)}")
    headers = {"cache-control": FOREVER if stamp == version() else "no-cache", "vary": "accept-encoding"}
    body = asset.body
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = asset.packed, "gzip"
    return Response(body, media_type=asset.media, headers=headers)


def _below(folder: Traversable, prefix: str) -> dict[str, Asset]:
    found: dict[str, Asset] = {}
    if not folder.is_dir():
        return found
    for entry in folder.iterdir():
        if entry.is_dir():
            found |= _below(entry, f"{prefix}{entry.name}/")
        elif _ending(entry.name) in MEDIA:
            found[prefix + entry.name] = _asset(entry.name, entry.read_bytes())
    return found


def _asset(name: str, body: bytes) -> Asset:
    packed = gzip.compress(body, 9, mtime=0) if _ending(name) in _TEXT else None
    return Asset(MEDIA[_ending(name)], body, packed if packed and len(packed) < len(body) else None)


def _ending(name: str) -> str:
    return name[name.rfind(".") :]
