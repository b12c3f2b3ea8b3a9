"""What people take away: charts as SVG, spreadsheets, and PDF documents, all made of plain values.

Everything here is pure: values in, text or bytes out. A chart says the same on a page, on paper and as a table.
"""

__all__ = []
