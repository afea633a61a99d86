# SPDX-License-Identifier: Apache-2.0
"""Plain tables for a terminal."""

import textwrap


def text(heads: list[str], rows: list[list[str]]) -> str:
    """Columns as wide as needed; the first to the left, the others to the right."""
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]

    def line(row: list[str]) -> str:
        first, *rest = row
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:]))]
        return "  " + "   ".join(cells).rstrip()

    return "\n".join(map(line, [heads, *rows]))


def folded(heads: list[str], rows: list[list[str]], most: int = 46) -> str:
    """Columns of sentences, all to the left: a cell wider than `most` goes on below."""
    cells = [[textwrap.wrap(cell, most) or [""] for cell in row] for row in [heads, *rows]]
    widths = [max(len(line) for row in cells for line in row[i]) for i in range(len(heads))]
    lines = []
    for row in cells:
        for place in range(max(map(len, row))):
            texts = [cell[place] if place < len(cell) else "" for cell in row]
            lines.append(("  " + "   ".join(map(str.ljust, texts, widths))).rstrip())
    return "\n".join(lines)
