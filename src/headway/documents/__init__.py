"""What people take away: charts as SVG, spreadsheets, PDF and Word documents, all made of plain values.

Everything here is pure: values in, text or bytes out. A chart says the same on a page, on paper and as a table.
"""

from headway.documents.adapters import pdf
from headway.documents.charts.bars import BarChart, Bars
from headway.documents.charts.calibration import CalibrationBin, CalibrationChart, wilson
from headway.documents.charts.chart import Chart
from headway.documents.charts.contributions import ContributionChart, Reason
from headway.documents.charts.gains import GainsChart, GainsPoint, LiftChart, LiftGroup
from headway.documents.charts.gallery import gallery
from headway.documents.charts.heatmap import HeatmapChart, HeatRow
from headway.documents.charts.histogram import Counts, HistogramChart
from headway.documents.charts.line import Event, LineChart, Rule, Series
from headway.documents.charts.multiples import MultiplesChart, Panel
from headway.documents.charts.rendering import figure, render, stylesheet
from headway.documents.charts.sparkline import SparklineChart
from headway.documents.charts.stacked import StackedChart
from headway.documents.charts.waterfall import Step, WaterfallChart
from headway.documents.document import (
    Block,
    Bullets,
    Callout,
    Charts,
    Code,
    Document,
    Paragraph,
    Section,
    Span,
    Text,
    inline,
)
from headway.documents.entities import NUMBER, PERCENT, Figure, Number, Table, Unit, Width
from headway.documents.errors import ChartMalformed, DocumentFailed, SheetUnreadable
from headway.documents.spreadsheets import differences
from headway.documents.spreadsheets.csvtext import csv_lines, write_csv
from headway.documents.spreadsheets.differences import FieldChange, ImportPreview, RowChange, Summary, Told, Wanted
from headway.documents.spreadsheets.grid import Limits
from headway.documents.spreadsheets.reading import ReadRow, ReadTable, as_text, read_table, read_tables
from headway.documents.spreadsheets.sheet import About, CellFault, Sheet, SheetColumn, Value
from headway.documents.spreadsheets.workbook import write_xlsx
from headway.documents.wordfile import docx
from headway.documents.words import Words

__all__ = [
    "NUMBER",
    "PERCENT",
    "About",
    "BarChart",
    "Bars",
    "Block",
    "Bullets",
    "CalibrationBin",
    "CalibrationChart",
    "Callout",
    "CellFault",
    "Chart",
    "ChartMalformed",
    "Charts",
    "Code",
    "ContributionChart",
    "Counts",
    "Document",
    "DocumentFailed",
    "Event",
    "FieldChange",
    "Figure",
    "GainsChart",
    "GainsPoint",
    "HeatRow",
    "HeatmapChart",
    "HistogramChart",
    "ImportPreview",
    "LiftChart",
    "LiftGroup",
    "Limits",
    "LineChart",
    "MultiplesChart",
    "Number",
    "Panel",
    "Paragraph",
    "ReadRow",
    "ReadTable",
    "Reason",
    "RowChange",
    "Rule",
    "Section",
    "Series",
    "Sheet",
    "SheetColumn",
    "SheetUnreadable",
    "Span",
    "SparklineChart",
    "StackedChart",
    "Step",
    "Summary",
    "Table",
    "Text",
    "Told",
    "Unit",
    "Value",
    "Wanted",
    "WaterfallChart",
    "Width",
    "Words",
    "as_text",
    "csv_lines",
    "differences",
    "docx",
    "figure",
    "gallery",
    "inline",
    "pdf",
    "read_table",
    "read_tables",
    "render",
    "stylesheet",
    "wilson",
    "write_csv",
    "write_xlsx",
]
