"""Money: minor units and a currency, never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from headway.kernel.errors import Invalid

# ISO 4217 currencies whose minor unit is not a hundredth.
_EXPONENT = {"BHD": 3, "CLP": 0, "ISK": 0, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "OMR": 3, "TND": 3, "VND": 0}
_TEXT = re.compile(r"^\s*(?:(?P<before>[A-Za-z]{3})\s*)?(?P<number>-?\d+(?:\.\d+)?)(?:\s*(?P<after>[A-Za-z]{3}))?\s*$")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents) of an ISO 4217 currency."""

    minor: int
    currency: str

    @staticmethod
    def parse(text: str, default_currency: str = "EUR") -> Money:
        """Read ``"120.50 EUR"``, ``"EUR 120.50"`` or ``"120.50"``; raises Invalid."""
        match = _TEXT.match(text)
        if match is None or (match["before"] and match["after"]):
            raise Invalid(f"{text!r} is not an amount of money", hint="write for example 120.50 EUR")
        currency = (match["before"] or match["after"] or default_currency).upper()
        return Money.of(match["number"], currency)

    @staticmethod
    def of(amount: Decimal | str | int, currency: str) -> Money:
        """Make money from a decimal amount of major units; more digits than the currency has are refused."""
        try:
            scaled = Decimal(amount).scaleb(_EXPONENT.get(currency, 2))
        except InvalidOperation as error:
            raise Invalid(f"{amount!r} is not a number") from error
        if scaled != scaled.to_integral_value():
            raise Invalid(f"{amount} {currency} has more decimals than the currency has")
        return Money(int(scaled), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor).scaleb(-_EXPONENT.get(self.currency, 2))

    def times(self, factor: float | Decimal | int) -> Money:
        """Multiply, rounded half to even to the minor unit."""
        exact = Decimal(self.minor) * Decimal(str(factor))
        return Money(int(exact.to_integral_value(ROUND_HALF_EVEN)), self.currency)

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise Invalid(f"cannot join {self.currency} and {other.currency} without a rate")
