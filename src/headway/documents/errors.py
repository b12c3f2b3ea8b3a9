"""Errors of charts and documents."""

from headway.kernel.errors import Invalid


class ChartMalformed(Invalid):
    """The parts of a chart do not fit each other; nothing is drawn."""

    code = "documents.chart_malformed"
