# SPDX-License-Identifier: Apache-2.0
"""Cleans up behind a node, however it ended: containers outlive whoever started them, and mounts their processes.

    janitor.py FOLDER RUNC-ROOT     waits for the end of its input, which is the node's end
"""

import os
import subprocess
import sys


def main():
    folder, runc_root = sys.argv[1:]
    sys.stdin.read()
    runc = ["runc", "--root", runc_root]
    # One that was being started is there at the second look.
    for _ in range(2):
        listed = subprocess.run([*runc, "list", "--quiet"], capture_output=True, text=True)
        for container in listed.stdout.split():
            subprocess.run([*runc, "delete", "--force", container], capture_output=True)
    unmount(folder)


def unmount(folder):
    """All mounts in the folder, the innermost first."""
    with open("/proc/self/mountinfo") as table:
        points = [line.split()[4].encode().decode("unicode_escape") for line in table]
    for point in sorted((one for one in points if one.startswith(f"{os.path.realpath(folder)}/")), reverse=True):
        subprocess.run(["umount", "--lazy", point])


if __name__ == "__main__":
    main()
