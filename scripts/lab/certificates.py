# SPDX-License-Identifier: Apache-2.0
"""Certificates for the servers of tests, by openssl's own program."""

import subprocess

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def authority(folder, name):
    """`name`.pem and `name`.key of an authority of its own."""
    openssl(folder, "req", "-x509", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "3650",
            "-subj", f"/CN=Test authority {name}")


def certificate(folder, name, subject, extensions, by="ca"):
    """`name`.pem and `name`.key, signed by that authority. `extensions` as `subjectAltName=IP:127.0.0.1`."""
    openssl(folder, "req", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
    (folder / f"{name}.ext").write_text(f"{extensions}\n")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{by}.pem", "-CAkey", f"{by}.key", "-CAcreateserial",
            "-out", f"{name}.pem", "-days", "3650", "-extfile", f"{name}.ext")


def openssl(folder, *words):
    subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
