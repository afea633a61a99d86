# SPDX-License-Identifier: Apache-2.0
"""Another webhook beside Berth's: it adds a container to pods, or takes back what Berth has set."""

import base64
import http.server
import json
import ssl
import threading
from pathlib import Path

MESH = {"name": "mesh-proxy", "image": "registry.example.org/mesh:1"}


class Meddler:
    """Serves on a loopback port until `stop`. What it does to a pod stands in the pod's label `meddle`."""

    def __init__(self, certificate: Path, key: Path):
        self.calls: list[str] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server.server_port}/"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def handler(self):
        calls = self.calls

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["request"]
                pod = request["object"]
                patch = meddled(pod)
                calls.append(f"{pod['metadata'].get('name')}: {len(patch)} changes")
                answer = {"uid": request["uid"], "allowed": True}
                if patch:
                    answer |= {"patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(patch).encode()).decode()}
                review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer}
                data = json.dumps(review).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        return Handler


def meddled(pod: dict) -> list[dict]:
    how = pod["metadata"].get("labels", {}).get("meddle")
    containers = pod["spec"]["containers"]
    if how == "sidecar" and MESH["name"] not in [container["name"] for container in containers]:
        return [{"op": "add", "path": "/spec/containers/-", "value": MESH}]
    if how == "privileges":
        path = "/spec/containers/0/securityContext"
        return [{"op": "add", "path": path, "value": {"privileged": True, "allowPrivilegeEscalation": True}}]
    return []
