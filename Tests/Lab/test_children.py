# SPDX-License-Identifier: Apache-2.0
"""Servers of tests that start at the same time do not take each other's ports."""

import subprocess
import sys

from lab import children


def test_a_port_is_given_to_nobody_else_until_its_program_ends():
    code = f"import sys; sys.path.insert(0, {str(children.__file__).rpartition('/')[0]!r}); import children"
    give = f"{code}; print(children.free_port(), flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", give], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        port = int(other.stdout.readline())
        assert not children.claim(port)
        other.stdin.close()
        other.wait(timeout=20)
    assert children.claim(port)
    assert not children.claim(port), "nor to this program a second time"
