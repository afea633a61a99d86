#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A real directory on loopback: Debian's slapd with made-up people and groups, for tests and shows.

    scripts/lab/directory.py FOLDER [--shape rfc2307bis] [--people 2000] [--groups 300]

Makes FOLDER, prints where the directory is as one line of JSON once it answers, and stays: whoever ends this process
ends the directory. With --until-eof, SIGHUP starts slapd anew at the same ldap:// address, and says so by another line.
The same arguments give the same people. Needs Debian's slapd and openssl (scripts/setup).
"""
import argparse
import base64
import json
import os
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

from certificates import authority, certificate
from children import answers, end_with_parent, free_port

SUFFIX = "dc=example,dc=org"
SCHEMAS = Path("/etc/ldap/schema")
SBIN = Path("/usr/sbin")


def main():
    options = arguments()
    folder = Path(options.folder).resolve()
    (folder / "db").mkdir(parents=True)
    make_certificates(folder, options.certificate_name)
    write_schema(folder, options.shape)
    (folder / "slapd.conf").write_text(configuration(folder, options))
    (folder / "data.ldif").write_text(data(options) + "".join(Path(file).read_text() for file in options.ldif))
    subprocess.run([SBIN / "slapadd", "-q", "-f", folder / "slapd.conf", "-l", folder / "data.ldif"], check=True)
    serve(folder, options)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="a folder that is not there yet")
    parser.add_argument("--shape", choices=["rfc2307", "rfc2307bis"], default="rfc2307")
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--groups", type=int, default=300)
    parser.add_argument("--size-limit", type=int, default=500, help="entries that one search may give")
    parser.add_argument("--page-limit", default="unlimited", help="entries that one page of a paged search may have")
    parser.add_argument("--paged-limit", default="unlimited", help="entries that all pages of a search may have")
    parser.add_argument("--member-of", action="store_true", help="have entries list the groups that they are in, too")
    parser.add_argument("--session-log", type=int, default=1000, help="changes that syncrepl can name one by one")
    parser.add_argument("--certificate-name", default="IP:127.0.0.1", help="whom the server's certificate names")
    parser.add_argument(
        "--strangers", choices=["read", "search", "auth"], default="read",
        help="what those may do who are not bound: with `search` they find nothing, with `auth` they are refused")
    parser.add_argument("--ldif", action="append", default=[], help="a file with further entries; may be given again")
    parser.add_argument("--until-eof", action="store_true", help="end with the standard input, as a child of a test does")
    parser.add_argument("--without-tls", action="store_true", help="have no certificate, so that StartTLS is refused")
    parser.add_argument("--port", type=int, help="the port of ldap://; any free one by default")
    return parser.parse_args()


def serve(folder, options):
    # Threads of tests block signals, and children inherit that.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    server, addresses, plain = started(folder, options)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())

    def tell():
        print(json.dumps({
            "pid": server.pid, **addresses, "port": plain, "ca": str(folder / "ca.pem"),
            "other_ca": str(folder / "other-ca.pem"), "data": str(folder / "data.ldif"), "suffix": SUFFIX,
            "admin": f"cn=admin,{SUFFIX}", "password": "secret",
        }), flush=True)

    def restart(*_):
        nonlocal server, addresses
        server.terminate()
        server.wait()
        options.port = plain
        server, addresses, _ = started(folder, options)
        tell()

    tell()
    if options.until_eof:
        signal.signal(signal.SIGHUP, restart)
        sys.stdin.read()
        server.kill()
    server.wait()


def started(folder, options):
    """slapd, once it answers. Another program may take a port between its choice and its use: then others are tried."""
    for _ in range(5):
        plain, secure = options.port or free_port(), free_port()
        addresses = {
            "ldap": f"ldap://127.0.0.1:{plain}",
            **({} if options.without_tls else {"ldaps": f"ldaps://127.0.0.1:{secure}"}),
            "ldapi": "ldapi://" + str(folder / "ldapi").replace("/", "%2F"),
        }
        command = [SBIN / "slapd", "-h", " ".join(addresses.values()), "-f", folder / "slapd.conf", "-d", "0"]
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, preexec_fn=end_with_parent)
        if answers(server, plain):
            return server, addresses, plain
    raise SystemExit("slapd does not start: see above")


# --- TLS


def make_certificates(folder, name):
    """An authority, a certificate by it, and another authority that has nothing to do with it."""
    authority(folder, "ca")
    authority(folder, "other-ca")
    certificate(folder, "server", "/CN=directory", f"subjectAltName={name}")


# --- slapd


def write_schema(folder, shape):
    """nis.schema as Debian has it for rfc2307; rfc2307bis needs posixGroup beside a class of groups that may be empty."""
    schema = (SCHEMAS / "nis.schema").read_text()
    if shape == "rfc2307bis":
        schema = re.sub(r"(NAME 'posixGroup'.*?SUP top )STRUCTURAL", r"\1AUXILIARY", schema, flags=re.S)
        schema += (
            "objectclass ( 1.3.6.1.4.1.4203.666.11.99.1 NAME 'groupOfMembers' SUP top STRUCTURAL MUST cn\n"
            "    MAY ( member $ description ) )\n")
    (folder / "nis.schema").write_text(schema)


TLS = """
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
"""


def configuration(folder, options):
    return f"""
include {SCHEMAS}/core.schema
include {SCHEMAS}/cosine.schema
include {SCHEMAS}/inetorgperson.schema
include {folder}/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload syncprov
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
sizelimit {options.size_limit}
sizelimit size.pr={options.page_limit} size.prtotal={options.paged_limit}
{"" if options.without_tls else TLS.format(folder=folder)}
authz-regexp gidNumber=[0-9]+\\\\+uidNumber={os.getuid()},cn=peercred,cn=external,cn=auth cn=local,{SUFFIX}
database mdb
suffix "{SUFFIX}"
directory {folder}/db
maxsize 8589934592
dbnosync
rootdn "cn=admin,{SUFFIX}"
rootpw secret
index objectClass eq
index uid,cn,memberUid,member,uidNumber,gidNumber,entryUUID,entryCSN eq
overlay syncprov
{f"syncprov-sessionlog {options.session_log}" if options.session_log else ""}
overlay memberof
memberof-group-oc {"groupOfMembers" if options.shape == "rfc2307bis" else "groupOfNames"}
access to attrs=userPassword by anonymous auth by * none
access to * by users read by anonymous {options.strangers}
"""


# --- People and groups


def data(options):
    chance = random.Random(2024)
    entries = [
        f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n",
        *(f"dn: ou={unit},{SUFFIX}\nobjectClass: organizationalUnit\nou: {unit}\n" for unit in ("People", "Groups")),
        *(person(number) for number in range(options.people)),
        *(group(number, options, chance) for number in range(options.groups)),
    ]
    return "\n".join(with_groups_listed(entries) if options.member_of else entries) + "\n"


def with_groups_listed(entries):
    """What the overlay memberof keeps up to date, and slapadd passes by: entries list the groups that they are in."""
    listed = {}
    for entry in entries:
        dn = entry.partition("\n")[0].removeprefix("dn: ")
        for member in re.findall(r"^member: (.*)$", entry, re.M):
            listed.setdefault(member, []).append(f"memberOf: {dn}\n")
    return [entry + "".join(listed.get(entry.partition("\n")[0].removeprefix("dn: "), [])) for entry in entries]


def person(number):
    name = f"u{number:05d}"
    shown = {7: "Åsa Öberg", 8: 'Bob, "the" <x>'}.get(number, f"User {number}")
    return (
        f"dn: uid={name},ou=People,{SUFFIX}\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\n"
        + line("uid", name) + line("cn", shown) + line("sn", "S") + line("mail", f"{name}@example.org")
        + f"uidNumber: {20000 + number}\ngidNumber: 20000\nhomeDirectory: /home/{name}\nloginShell: /bin/bash\n"
        + "userPassword: secret\n")


def group(number, options, chance):
    """The first has 1,600 members. In rfc2307bis every fiftieth is in the one before; 51, 101 and 151 form a circle."""
    name = f"g{number:04d}"
    wanted = 1600 if number == 0 else chance.randint(0, 40)
    members = chance.sample(range(options.people), min(wanted, options.people))
    head = f"dn: cn={name},ou=Groups,{SUFFIX}\n"
    facts = f"objectClass: posixGroup\ncn: {name}\ngidNumber: {30000 + number}\n"
    if options.shape == "rfc2307":
        return head + facts + "".join(f"memberUid: u{one:05d}\n" for one in members)
    inside = {51: [101], 101: [151], 151: [51]}.get(number, [number - 1] if number % 50 == 1 else [])
    return (
        head + "objectClass: groupOfMembers\n" + facts
        + "".join(f"member: uid=u{one:05d},ou=People,{SUFFIX}\n" for one in members)
        + "".join(f"member: cn=g{one:04d},ou=Groups,{SUFFIX}\n" for one in inside if one < options.groups))


def line(attribute, value):
    """RFC 2849: what is not plain goes as base64."""
    raw = value.encode()
    plain = all(32 <= byte < 127 for byte in raw) and raw[:1] not in (b" ", b":", b"<") and not raw.endswith(b" ")
    return f"{attribute}: {value}\n" if plain else f"{attribute}:: {base64.b64encode(raw).decode()}\n"


if __name__ == "__main__":
    main()
