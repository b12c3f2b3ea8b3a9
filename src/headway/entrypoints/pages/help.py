"""The documentation inside the product: the same Markdown pages as in ``docs/``, shown in the frame, without a network."""

from __future__ import annotations

import itertools
import posixpath
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from fastapi import APIRouter, Request, Response
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.anchors import anchors_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from headway.entrypoints.pages import words
from headway.entrypoints.pages.assets import FOREVER, MEDIA, version
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.viewer import looks_of, open_page
from headway.kernel.errors import NotFound

router = APIRouter(include_in_schema=False)
KINDS = (
    ("tutorials", N_("Learn"), N_("step by step, for a first time"), "book"),
    ("how-to", N_("Do"), N_("one task each"), "list-check"),
    ("reference", N_("Look up"), N_("words, commands, settings, errors"), "file-description"),
    ("explanation", N_("Understand"), N_("how it works, and why"), "bulb"),
    ("adr", N_("Decisions"), N_("what was decided about the house"), "gavel"),
)
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_PICTURES = (".png", ".webp", ".svg")


@dataclass(frozen=True, slots=True)
class Document:
    """One page of the documentation: its address below ``/help``, its title and its Markdown."""

    path: str
    title: str
    source: str

    @property
    def lead(self) -> str:
        """The first paragraph, without markup."""
        for block in self.source.split("\n\n"):
            text = block.strip()
            if text and not text.startswith(("#", "|", "-", "`", "<", "!", ">")):
                return re.sub(r"[*`]|\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(text.split()))[:220]
        return ""


@cache
def folder() -> Traversable:
    """Where the documentation lies: in the package when it was installed, beside the sources in a checkout."""
    packed = resources.files("headway.entrypoints.pages") / "help"
    return packed if packed.is_dir() else Path(__file__).resolve().parents[4] / "docs"


@cache
def documents() -> dict[str, Document]:
    """Every page by its address, in order of kind and name."""
    found: dict[str, Document] = {}
    for kind, *_ in KINDS:
        place = folder() / kind
        names = sorted(entry.name for entry in place.iterdir() if entry.name.endswith(".md")) if place.is_dir() else []
        for name in names:
            source = (place / name).read_text(encoding="utf-8")
            path = f"{kind}/{name.removesuffix('.md')}"
            title = _TITLE.search(source)
            found[path] = Document(path, title[1].replace("`", "") if title else path, source)
    return found


@router.get("/help")
def show_contents(request: Request) -> Response:
    """The table of contents; everybody may read, signed in or not."""
    groups = [
        (kind, name, note, mark, [page for path, page in documents().items() if path.startswith(f"{kind}/")])
        for kind, name, note, mark in KINDS
    ]
    with words.speaking(looks_of(request).language):
        title = words.gettext("Help")
    return open_page(request, "help/contents.html", title=title, groups=groups)


@router.get("/help/{path:path}")
def show_document(path: str, request: Request) -> Response:
    """One page, or a picture of one."""
    if path.endswith(_PICTURES):
        return _picture(path)
    found = documents().get(path.removesuffix(".md").strip("/"))
    if found is None:
        raise NotFound(f"the help has no page {path}", hint="see /help")
    body, headings = rendered(found.path)
    return open_page(request, "help/document.html", title=found.title, body=body, headings=headings, document=found)


@cache
def rendered(path: str) -> tuple[Markup, tuple[tuple[str, str], ...]]:
    """A page as HTML, and its second-level headings with their anchors."""
    reader = MarkdownIt("commonmark", {"html": False, "highlight": _coloured}).enable(["table", "strikethrough"])
    reader.use(anchors_plugin, min_level=2, max_level=3)
    source = _TITLE.sub("", documents()[path].source, count=1)
    tokens = reader.parse(source)
    for token in _all(tokens):
        for name in ("href", "src"):
            if isinstance(address := token.attrs.get(name), str):
                token.attrs[name] = _address(path, address)
    headings = tuple(
        (str(token.attrs.get("id", "")), following.content)
        for token, following in itertools.pairwise(tokens)
        if token.type == "heading_open" and token.tag == "h2"
    )
    return Markup(reader.renderer.render(tokens, reader.options, {})), headings  # noqa: S704  our own documents


def _all(tokens: list[Token]) -> list[Token]:
    return [each for token in tokens for each in (token, *(token.children or ()))]


def _address(path: str, address: str) -> str:
    """An address of a page's source as one below /help; those of other places stay."""
    if "://" in address or address.startswith(("#", "/", "mailto:")):
        return address
    target, mark, anchor = address.partition("#")
    whole = posixpath.normpath(posixpath.join("/help", posixpath.dirname(path), target))
    return whole.removesuffix(".md") + mark + anchor if whole.startswith("/help") else "/help"


def _coloured(code: str, language: str, _: str) -> str:
    try:
        lexer = get_lexer_by_name(language or "text")
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True, classprefix="c-")))


def _picture(path: str) -> Response:
    parts = path.split("/")
    if ".." in parts or any(not part or part.startswith(".") for part in parts):
        raise NotFound(f"the help has no picture {path}")
    file = folder().joinpath(*parts)
    if not file.is_file():
        raise NotFound(f"the help has no picture {path}")
    return Response(
        file.read_bytes(),
        media_type=MEDIA[path[path.rfind(".") :]],
        headers={"cache-control": FOREVER.replace(", immutable", "").replace("31536000", "3600"), "etag": version()},
    )
