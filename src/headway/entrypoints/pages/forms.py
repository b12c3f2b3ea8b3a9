"""Forms: what somebody typed, what is wrong with it, said at the field it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from starlette.datastructures import FormData, UploadFile

from headway.kernel.errors import HeadwayError


@dataclass(slots=True)
class Form:
    """The values of a form and the faults of its fields; an empty one is a form nobody filled in yet."""

    values: Mapping[str, list[str]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    failure: str | None = None
    """What is wrong with the whole, when it belongs to no field."""
    hint: str | None = None
    refusal: HeadwayError | None = None
    """What a rule or a gate refused; the page that shows it leaves an entry in the ledger."""

    @staticmethod
    def of(data: FormData) -> Form:
        """Read a form that was sent."""
        found: dict[str, list[str]] = {}
        for name, value in data.multi_items():
            if isinstance(value, str) and name != "csrf":
                found.setdefault(name, []).append(value)
        return Form(found)

    @staticmethod
    def filled(values: Mapping[str, object]) -> Form:
        """A form filled in beforehand; None is empty, lists have many values."""
        found: dict[str, list[str]] = {}
        for name, value in values.items():
            if isinstance(value, list | tuple):
                found[name] = [str(one) for one in value]
            elif value is not None:
                found[name] = [str(value)]
        return Form(found)

    def text(self, name: str) -> str:
        """A field's text without space around it; empty when it is not there."""
        return (self.values.get(name) or [""])[-1].strip()

    def maybe(self, name: str) -> str | None:
        """A field's text; None when it is empty."""
        return self.text(name) or None

    def many(self, name: str) -> list[str]:
        """All values of a field, empty ones left out."""
        return [value.strip() for value in self.values.get(name, []) if value.strip()]

    def is_on(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.text(name) not in ("", "false", "0")

    def require(self, names: Iterable[str], message: str) -> bool:
        """Note a fault at each field that is empty; whether none is."""
        for name in names:
            if not self.text(name):
                self.faults.setdefault(name, message)
        return not self.faults

    def within(self, dialog: str) -> Form:
        """What was sent from one dialog of a page; a form that nobody filled in when it came from elsewhere."""
        return self if self.text("dialog") == dialog else Form()

    def take(self, error: HeadwayError) -> Form:
        """Say an error at the fields its faults name, the rest of it above the form."""
        for fault in error.faults:
            if fault.column and fault.column in self.values:
                self.faults.setdefault(fault.column, fault.message)
        told = {fault.message for fault in error.faults if fault.column in self.faults}
        if not error.faults or any(fault.message not in told for fault in error.faults):
            self.failure = error.message
        self.hint, self.refusal = error.hint, error
        return self

    def retell(self) -> None:
        """Say again what was refused, since it names people now."""
        if self.refusal is not None and self.failure is not None:
            self.failure, self.hint = self.refusal.message, self.refusal.hint


def upload(data: FormData, name: str) -> UploadFile | None:
    """A file of a form; None when none was chosen."""
    found = data.get(name)
    return found if isinstance(found, UploadFile) and found.filename else None
