# SPDX-License-Identifier: Apache-2.0
"""Servers of tests as child processes: they get a port that stays theirs, and end with whoever started them."""

import contextlib
import ctypes
import random
import signal
import socket
import time

#: How long a program may take to answer: on a machine that does much else, long.
PATIENCE_S = 150


def end_with_parent():
    """For `preexec_fn`: the kernel ends the child when its parent is gone, however that ended."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def answers(server, port):
    """Whether `server` came to listen there; False when it ended before."""
    while server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server.poll() is None
        time.sleep(0.01)
    return False


def free_port():
    """A port that no other program of the lab is given while this one runs, so that a server may start there anew.

    Below the range that the kernel gives to clients (ip_local_port_range), so that none of them takes it.
    """
    while True:
        port = random.SystemRandom().randrange(15000, 32000)
        if not claim(port):
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


CLAIMS = []


def claim(port):
    """Whether nobody else has claimed it. The kernel takes the claim back when this program ends, however that is."""
    claimed = socket.socket(socket.AF_UNIX)
    try:
        claimed.bind(f"\0berth-lab-port-{port}")
    except OSError:
        claimed.close()
        return False
    CLAIMS.append(claimed)
    return True
