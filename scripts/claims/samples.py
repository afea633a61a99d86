# SPDX-License-Identifier: Apache-2.0
"""Asks `berth explain` about each sample of claims, with the mapping that a site would write for that provider.

A row is right when the answer is what `expected.json` beside the samples, or the row itself, says.
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.peers import ROOT
from result import Result

SAMPLES = ROOT / "Tests" / "IdentityTests" / "Claims"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())
AARC = 'as: aarc, namespaces: ["urn:geant:example.de", "urn:geant:example.de:gfz"]'
EGI = 'as: aarc, namespaces: ["urn:mace:egi.eu"], authorities: [aai.egi.eu]'
#: By kind: the names, or None for unknown. Or the words with which the claims are refused.
Names = dict[str, list[str] | None] | str


@dataclass(frozen=True)
class Sample:
    """The number of a sample, what is to be seen in it, how its claims are to be read, and what must come of it."""

    number: str
    trap: str
    mapping: str
    wanted: Names
    user: str = "ana"

    @property
    def file(self) -> Path:
        return next(SAMPLES.glob(f"{self.number}-*.json"))


def expected(number: str, key: str) -> list[str]:
    return EXPECTED[number][key]


ALL = [
    Sample(
        "01",
        "a list of audiences; the roles of another client are not ours",
        "audiences: [jupyterhub], username: preferred_username, "
        "roles: [realm_access.roles, resource_access.jupyterhub.roles], "
        "roles_ignored: [offline_access, default-roles-lab, uma_authorization], groups: [groups]",
        {"roles": expected("01", "roles"), "groups": expected("01", "groups")},
        user="anaobe",
    ),
    Sample(
        "02",
        "a lightweight token says nothing: not the same as no roles",
        "roles: [realm_access.roles]",
        "lightweight access token",
    ),
    Sample(
        "03",
        "a client id with dots in it, beside a client that is called like its beginning",
        "roles: [[resource_access, jupyter.maxiv.example.org, roles]]",
        {"roles": expected("03", "roles"), "groups": None},
    ),
    Sample(
        "04",
        "people are tid and oid together, not what they prefer to be called",
        "username: {claims: [tid, oid], joined_by: '-'}, roles: [roles]",
        {"roles": expected("04", "roles"), "groups": None},
        user="11111111-2222-3333-4444-555555555555-99999999-aaaa-bbbb-cccc-000000000004",
    ),
    Sample(
        "05",
        "groups overage: not the same as no groups",
        "roles: [roles], groups: [groups]",
        "left out the claim /groups",
    ),
    Sample(
        "05",
        "groups overage, and only roles are asked for",
        "roles: [roles]",
        {"roles": ["Jupyter.User"], "groups": None},
    ),
    Sample(
        "06",
        "AARC-G002 entitlements of one authority, as groups and as roles in them",
        f"username: voperson_id, groups: [{{claim: eduperson_entitlement, {EGI}}}], "
        f"roles: [{{claim: eduperson_entitlement, {EGI}}}]",
        {
            "groups": ["/" + "/".join([group, *below]) for group, below, _ in expected("06", "groups")],
            "roles": [f"/{'/'.join([group, *below])}:role={role}" for group, below, role in expected("06", "groups")],
        },
        user="0123456789abcdef" * 4 + "@egi.eu",
    ),
    Sample(
        "07",
        "AARC-G069: escaped separators, another namespace, a capability, a URL",
        f"groups: [{{claim: eduperson_entitlement, {AARC}}}], roles: [{{claim: eduperson_entitlement, {AARC}}}]",
        {
            "groups": ["/lab", "/lab/hydrology", "/lab/sub%3Aone", "/Lab"],
            "roles": ["/lab/hydrology:role=member", "/lab/sub%3Aone:role=chief scientist"],
        },
    ),
    Sample(
        "08",
        "WLCG groups: in order, and a group does not imply the one above",
        "groups: [{claim: [wlcg.groups], as: wlcg}]",
        {"groups": expected("08", "groups")},
    ),
    Sample(
        "09",
        "WLCG capabilities: a scope is no role, and storage needs a path",
        "entitlements: [{claim: scope, as: wlcg}]",
        {"entitlements": expected("09", "capabilities")},
    ),
    Sample(
        "09",
        "an audience that stands for anybody, where it was not opted in to",
        "audiences: [https://hub.example.org], entitlements: [{claim: scope, as: wlcg}]",
        "another audience",
    ),
    Sample(
        "10",
        "the user's name in a claim of the provider's own",
        "username: cern_upn, roles: [resource_access.my-application.roles]",
        {"roles": expected("10", "roles")},
        user="mcurie",
    ),
    Sample(
        "10",
        "claims of somebody else than the hub names",
        "username: cern_upn, roles: [resource_access.my-application.roles]",
        "those of mcurie",
        user="curie",
    ),
    Sample(
        "11",
        "names in one text, between commas",
        'roles: [{claim: roles, split: ","}], groups: [{claim: groups, split: ","}]',
        {"roles": expected("11", "roles"), "groups": ["/maxiv/biomax", "/maxiv/staff"]},
    ),
    Sample(
        "12",
        "an affiliation counts where its organisation is the one that says it",
        f"roles: [{{claim: eduperson_entitlement, {AARC}}}], entitlements: [{{claim: eduperson_scoped_affiliation, "
        "as: scoped, scope_claim: schac_home_organization}]",
        {"roles": expected("12", "roles"), "entitlements": expected("12", "affiliation")},
    ),
]


def results(berth: Path) -> Iterator[Result]:
    for sample in ALL:
        found = read(berth, sample)
        yield Result(
            sample.file.stem, sample.trap, words(found, sample.wanted), words(sample.wanted, sample.wanted),
            holds(found, sample.wanted),
        )  # fmt: skip


def read(berth: Path, sample: Sample) -> Names:
    claims = json.loads(sample.file.read_text())
    issuer = claims.get("iss", "https://userinfo.example.org")
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "berth.yaml"
        config.write_text(
            "ledger: {path: ledger.sqlite}\n"
            "deployments: {hub: {hook_token_env: BERTH_TOKEN, trust: auth_state}}\n"
            f"identity: {{issuers: [{{issuer: {issuer!r}, {sample.mapping}}}]}}\n"
            "profiles: [{display_name: CPU}]\n"
        )
        command = [berth, "explain", "--config", config, "--user", sample.user, "--claims", sample.file]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return done.stderr.strip().removeprefix("Error: ").splitlines()[0]
    found = dict(re.findall(r"^(roles|groups|entitlements): +(.*)$", done.stdout, re.MULTILINE))
    return {kind: None if text.startswith("unknown") else json.loads(text) for kind, text in found.items()}


def holds(found: Names, wanted: Names) -> bool:
    if isinstance(found, str) or isinstance(wanted, str):
        return isinstance(found, str) and isinstance(wanted, str) and wanted in found
    return all(kind in found and found[kind] == names for kind, names in wanted.items())


def words(names: Names, wanted: Names) -> str:
    """Of the kinds that are wanted."""
    if isinstance(names, str):
        return f"refused: {names}"
    kinds = [kind for kind in names if isinstance(wanted, str) or kind in wanted]
    return "; ".join(f"{kind}: {listed(names[kind])}" for kind in kinds)


def listed(names: list[str] | None) -> str:
    return "unknown" if names is None else ", ".join(names) or "none"
