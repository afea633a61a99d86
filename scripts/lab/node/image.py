# SPDX-License-Identifier: Apache-2.0
"""What every image of the tests' nodes is: this machine's programs, read-only, under a file system of the container's own.

No registry, no layers: whatever image a pod names, it finds the same. That is enough to run a real JupyterHub server,
and honest where it matters: accounts are the image's own few, nothing of this machine's /etc or homes is seen.
"""

import os
import sys
from pathlib import Path

#: As in most notebook images; nobody of the directory is among them.
PASSWD = "root:x:0:0:root:/root:/bin/sh\njovyan:x:1000:100::/home/jovyan:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n"
GROUP = "root:x:0:\nusers:x:100:\nnogroup:x:65534:\n"
FILES = {
    "etc/passwd": PASSWD, "etc/group": GROUP, "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "etc/hosts": "127.0.0.1 localhost\n", "etc/hostname": "", "etc/resolv.conf": "",
}
FOLDERS = ["usr", "proc", "dev", "sys", "run", "home", "var/lib", "var/tmp", "opt", "mnt", "root"]
LINKS = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}
#: From this machine, where it has them. The programs of /usr find each other by the last two.
SHARED = ["/usr", "/etc/ssl", "/etc/alternatives", "/etc/ld.so.cache"]
ENVIRONMENT = {"LANG": "C.UTF-8"}


def unpack(root):
    """Makes the container's own part of its file system at `root`."""
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    for folder in ("tmp", "var/tmp"):
        (root / folder).mkdir(exist_ok=True)
        (root / folder).chmod(0o1777)
    for link, target in LINKS.items():
        (root / link).symlink_to(target)
    for file, text in FILES.items():
        (root / file).parent.mkdir(exist_ok=True)
        (root / file).write_text(text)


def shared(python, more=()):
    """The bind mounts that complete it; `python` is the environment (a venv) whose programs come first in PATH, `more`
    are further paths of this machine.
    """
    paths = [*SHARED, str(python), base_of(python), *more]
    outer = [path for path in paths if not any(is_below(path, other) for other in paths if other != path)]
    return [bind(path, path, "ro") for path in dict.fromkeys(outer) if Path(path).exists()]


def path_variable(python):
    return f"{python}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


def base_of(python):
    """Where the environment's interpreter and its library are: /usr, or a folder of their own."""
    return str(Path(os.path.realpath(Path(python) / "bin" / "python")).parents[1])


def is_below(path, other):
    return path.startswith(other.rstrip("/") + "/")


def bind(source, target, *options):
    return {"type": "bind", "source": str(source), "destination": target, "options": ["rbind", *options]}


def interpreter():
    """The environment of whoever runs this, where none is named."""
    return sys.prefix
