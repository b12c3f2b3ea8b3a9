"""Errors of charts and documents."""

from headway.kernel.errors import Invalid


class ChartMalformed(Invalid):
    """The parts of a chart do not fit each other; nothing is drawn."""

    code = "documents.chart_malformed"


class DocumentFailed(Invalid):
    """A document cannot be set in type; its parts contradict each other or the standard for accessible PDF."""

    code = "documents.document_failed"


class SheetUnreadable(Invalid):
    """The file is no workbook or CSV that can be read, is too large, or lacks the columns that are needed."""

    code = "documents.sheet_unreadable"
