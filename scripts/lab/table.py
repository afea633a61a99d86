# SPDX-License-Identifier: Apache-2.0
"""Plain tables for a terminal."""


def text(heads: list[str], rows: list[list[str]]) -> str:
    """Columns as wide as needed; the first to the left, the others to the right."""
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]

    def line(row: list[str]) -> str:
        first, *rest = row
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:]))]
        return "  " + "   ".join(cells).rstrip()

    return "\n".join(map(line, [heads, *rows]))
