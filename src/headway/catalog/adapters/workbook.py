"""Reads the first sheet of a workbook in a process of its own, started by path: ``workbook.py WORKBOOK OUT BYTES``.

The reader lays cells out as a full rectangle: one stray cell in the far corner of a sheet, or a damaged archive, asks
for more memory than there is, which ends the process. So it ends this one and never the platform.
Writes an Arrow file of text columns; prints {"sheets": [...]} or {"error": "..."}.
"""

from __future__ import annotations

import json
import resource
import sys


def main() -> int:
    """Read WORKBOOK into OUT with at most BYTES of memory."""
    workbook, out, limit = sys.argv[1:4]
    resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import fastexcel
    import pyarrow as pa

    try:
        book = fastexcel.read_excel(workbook)
        if not book.sheet_names:
            raise fastexcel.FastExcelError("it has no sheet")
        cells = book.load_sheet(0, header_row=None, dtypes="string").to_arrow()
    except (fastexcel.FastExcelError, pa.ArrowException, MemoryError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        sys.stdout.write(json.dumps({"error": lines[0][:300]}))
        return 0
    with pa.ipc.new_file(out, cells.schema) as writer:
        writer.write_batch(cells)
    sys.stdout.write(json.dumps({"sheets": list(book.sheet_names)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
