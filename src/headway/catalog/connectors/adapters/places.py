"""Where input ports may reach: hosts that the operator listed, and files below the department's own folder of sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from headway.catalog.adapters.source import need_room
from headway.catalog.connectors import specs
from headway.catalog.connectors.errors import SourceFailed, SourceRefused
from headway.kernel.settings import Settings, read_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What one port may reach, and the secrets it has read; messages go through ``scrub`` before anybody sees them."""

    settings: Settings
    department: str
    _read: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def root(self) -> Path:
        """The department's own folder of sources."""
        return (self.settings.sources_folder or self.settings.home / "sources") / self.department

    def secret(self, given: Mapping[str, str], name: str = "secret") -> str | None:
        """Read the secret that a setting names; None: the setting is not there. Raises Unavailable, Invalid."""
        if name not in given:
            return None
        return self._read.setdefault(name, read_secret(self.settings, given[name]))

    def need_hosts(self, hosts: Iterable[str]) -> None:
        """Refuse what the operator did not list; raises SourceRefused."""
        for host in hosts:
            if not specs.is_listed(host, self.settings.source_hosts):
                raise SourceRefused(
                    f"input ports may not reach {host}",
                    hint="the operator lists hosts in HEADWAY_SOURCE_HOSTS, as db.internal,*.example.org",
                )

    def local(self, path: str) -> Path:
        """A file or folder below the root, links followed; raises SourceRefused, SourceFailed."""
        root = self.root.resolve()
        found = (root / path).resolve()
        if not found.is_relative_to(root):
            raise SourceRefused(
                f"{path} lies outside the department's folder of sources",
                hint="links that lead out of the folder are not followed; copy the file into it",
            )
        if not found.exists():
            raise SourceFailed(f"there is no {path} in {root}", hint="HEADWAY_SOURCES_FOLDER says where sources lie")
        return found

    def scrub(self, text: str) -> str:
        """A message without any secret that was read."""
        for secret in self._read.values():
            text = text.replace(secret, "***")
        return text

    def failed(self, error: BaseException) -> SourceFailed:
        """What a driver or a library said, as our error, in one line and without secrets; raises NoRoom on a full disk."""
        need_room(error)
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return SourceFailed(
            f"the source cannot be read: {self.scrub(lines[0])[:300]}",
            hint="nothing was kept; correct the port or the source and run it again",
        )
