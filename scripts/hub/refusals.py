# SPDX-License-Identifier: Apache-2.0
"""What a refusal looks like on the wire, and that six in a row leave JupyterHub 5.5 up:
`scripts/show refusals`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import jupyterhub
from client import API, Visitor
from demo import Demo
from processes import Failed

REFUSALS = 6
#: A hub that has had enough failures exits two seconds after the last of them.
EXIT_S = 3


class Show:
    """Runs curl as a person would, prints it, and counts what came out as it should."""

    def __init__(self, demo: Demo):
        self.demo = demo
        self.token = demo.token_file("production").read_text().strip()
        self.claims = {
            path.stem: json.loads(path.read_text()) for path in demo.examples.glob("*.json")
        }
        self.held: list[bool] = []

    def pre_spawn(
        self, title: str, user: str, options: dict, status: int, code: str = "", claims: str = ""
    ) -> None:
        body = {
            "user": {"name": user, "admin": False, "groups": []},
            "server": {"name": "", "start": f"show-{user}"},
            # With the claims of somebody else under this name, where `claims` names them.
            "auth_state": {
                "oauth_user": {**self.claims[claims or user], "preferred_username": user}
            },
            "options": options,
            "pod": False,
        }
        self.ask(
            title,
            json.dumps(body),
            status,
            code,
            shown=f'… {user}\'s claims …, "options": {json.dumps(options)}',
        )

    def ask(
        self, title: str, body: str, status: int, code: str = "", token: str = "", shown: str = ""
    ) -> None:
        url = f"{self.demo.berth_url}/v1/hub/pre-spawn"
        bearer = "WRONG" if token else "$TOKEN"
        print(f'\n# {title}\n$ curl -X POST {url} -H "Authorization: Bearer {bearer}" \\')
        print(f"       -d '{shown or body}'")
        headers = [f"Authorization: Bearer {token or self.token}", "Content-Type: application/json"]
        curl = ["curl", "-sS", "--max-time", "10", "-X", "POST", url, "-w", "\n%{http_code}"]
        curl += [word for header in headers for word in ("-H", header)] + ["--data-binary", "@-"]
        answer = subprocess.run(
            curl, input=body, capture_output=True, text=True, check=True, timeout=20
        )
        text, _, got = answer.stdout.rpartition("\n")
        document = json.loads(text)
        self.show(got, document)
        self.held.append(int(got) == status and document.get("code", "") == code)
        if not self.held[-1]:
            print(f"  NOT SO: expected {status} {code}")

    def show(self, status: str, document: dict) -> None:
        names = [
            "code",
            "user_message",
            "retry_after_s",
            "detail",
            "profile",
            "reservation_id",
            "walltime_s",
        ]
        print(f"  HTTP {status}")
        for name in names:
            if document.get(name) is not None:
                print(
                    textwrap.indent(
                        textwrap.fill(
                            f"{name}: {document[name]}",
                            110,
                            subsequent_indent="  ",
                            break_on_hyphens=False,
                        ),
                        "  ",
                    )
                )


def transcripts(show: Show) -> None:
    dedicated = {"profile": "gpu", "gpu": "dedicated"}
    show.pre_spawn("A spawn that is allowed: one of two whole cards", "ada", dedicated, 200)
    show.pre_spawn("The other card goes to somebody else", "eva", dedicated, 200, claims="ada")
    show.pre_spawn(
        "A profile that this user may not have",
        "bo",
        {"profile": "gpu"},
        403,
        "profile-not-allowed",
    )
    show.pre_spawn("A pool that is full", "max", dedicated, 409, "gpu-unavailable", claims="ada")
    show.ask("A body that is cut off", '{"user": {"name": "ada"', 400, "body-malformed")
    show.ask(
        "A token that is no deployment's",
        '{"user": {"name": "ada"}}',
        401,
        "hook-token-invalid",
        token="x" * 32,
    )


def six_in_a_row(demo: Demo) -> int:
    """How many refusals came as such; the hub exits after five failures that it counts."""
    api = API(demo.url, demo.api_token)
    Visitor(demo.url, "bo").log_in()  # so that the hub has bo's claims
    print(
        f"\n# {REFUSALS} refusals in a row by JupyterHub {jupyterhub.__version__}, "
        "which exits after 5 failures that it counts"
    )
    refused = 0
    for number in range(REFUSALS):
        answer = api.start("bo", {"profile": "gpu"})
        print(f"  {number + 1}  HTTP {answer.status_code}  {answer.json().get('message')}")
        refused += answer.status_code == 403
    time.sleep(EXIT_S)
    return refused


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/show refusals", description=__doc__)
    parser.add_argument("--binary", type=Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="berth-refusals-") as scratch:
        demo = None
        try:
            demo = Demo(options.binary, Path(scratch) / "demo")
            return judged(demo)
        except Failed as failure:
            print(f"refusals: {failure}", file=sys.stderr)
            return 1
        finally:
            if demo:
                demo.stop()


def judged(demo: Demo) -> int:
    show = Show(demo)
    transcripts(show)
    refused = six_in_a_row(demo)
    ended = demo.ended
    state = (
        "still up" if ended is None else f"gone; {ended.log.name} ends with\n{ended.last_lines()}"
    )
    good = sum(show.held)
    print(
        f"\n{good} of {len(show.held)} answers as they should be; "
        f"{refused} of {REFUSALS} refused in a row, JupyterHub {jupyterhub.__version__} {state}"
    )
    return 0 if good == len(show.held) and refused == REFUSALS and ended is None else 1


if __name__ == "__main__":
    sys.exit(main())
