# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL server on loopback, over TCP and TLS, with a certificate of an authority of its own."""

from __future__ import annotations

import datetime
import ipaddress
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from berth import free_port

PASSWORD = "ledger-password-of-the-tests"


class Postgres:
    """`folder` holds its data, `ca.pem`, and the password of its role `berth`."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        folder.mkdir()
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o600)
        authority(folder, "localhost")
        if os.geteuid() == 0:
            for path in [folder, *folder.iterdir()]:
                shutil.chown(path, "postgres", "postgres")
            # Its own way there must be open to it.
            for parent in folder.parents:
                if parent != parent.parent and not parent.stat().st_mode & 0o001:
                    parent.chmod(parent.stat().st_mode | 0o011)
        self.run("initdb", "-D", self.data, "-U", "berth", "-A", "scram-sha-256", "--pwfile", str(folder / "password"), "-E", "UTF8", "--locale=C.UTF-8")
        settings = {
            "listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": folder, "ssl": "on",
            "ssl_cert_file": folder / "server.pem", "ssl_key_file": folder / "server.key",
        }  # fmt: skip
        with (folder / "data" / "postgresql.conf").open("a") as file:
            file.writelines(f"{key} = '{value}'\n" for key, value in settings.items())
        (folder / "data" / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        self.run("pg_ctl", "-D", self.data, "-l", str(folder / "log"), "-w", "-s", "start")
        self.run("createdb", *self.login, "ledger")

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    @property
    def login(self) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.port), "-U", "berth"]

    def connection(self, host: str = "localhost", database: str = "ledger") -> str:
        return (
            f"host={host} hostaddr=127.0.0.1 port={self.port} user=berth dbname={database} "
            f"sslmode=verify-full sslrootcert={self.folder}/ca.pem"
        )

    def run(self, program: str, *arguments: str) -> str:
        # PostgreSQL does not run as root.
        who = pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else None
        (binaries,) = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
        done = subprocess.run(
            [binaries / program, *arguments], user=who, cwd="/", capture_output=True, text=True,
            env={"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD, "PGSSLMODE": "require"},
        )  # fmt: skip
        assert done.returncode == 0, f"{program}: {done.stderr}"
        return done.stdout

    def stop(self) -> None:
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-s", "-w", "stop")


def authority(folder: Path, host: str) -> None:
    """Writes `ca.pem`, and `server.pem` and `server.key` for `host`."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def certificate(name: str, key, issuer: str, signer, *, is_ca: bool) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        )
        if not is_ca:
            names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(signer, hashes.SHA256())

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    ca = certificate("Ledger CA", ca_key, "Ledger CA", ca_key, is_ca=True)
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    server = certificate(host, key, "Ledger CA", ca_key, is_ca=False)
    (folder / "server.pem").write_bytes(server.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "server.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    (folder / "server.key").chmod(0o600)
