# SPDX-License-Identifier: Apache-2.0
"""Tables from input to result: claims as twelve kinds of provider send them, then tokens, sound and forged.

Claims are read by `berth explain`. Tokens are sent to a running Berth that trusts nothing else (`trust: token`), as a
hub sends them.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import samples  # noqa: E402
import tokens  # noqa: E402
from lab import table  # noqa: E402
from lab.berth import binary  # noqa: E402
from result import Result  # noqa: E402

HEADS = ["input", "how it is read, or its trap", "result", "ok"]


def main() -> int:
    berth = binary()
    results = [
        *shown("Claims", samples.results(berth)),
        *shown("Tokens", tokens.results()),
    ]
    right = sum(result.is_right for result in results)
    print(f"\n{right} of {len(results)} inputs as they should be")
    return 0 if right == len(results) else 1


def shown(title: str, results: Iterable[Result]) -> list[Result]:
    results = list(results)
    print(f"\n{title}\n\n{table.folded(HEADS, [result.row for result in results])}")
    for result in results:
        if not result.is_right:
            print(f"  WRONG: {result.input}: wanted {result.wanted}")
    return results


if __name__ == "__main__":
    sys.exit(main())
