"""What can be wrong with value."""

from headway.kernel.errors import Invalid


class RatesInvalid(Invalid):
    """Rates are three amounts in one currency, none below zero, from a day on, set with a reason."""

    code = "value.rates_invalid"
