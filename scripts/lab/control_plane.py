# SPDX-License-Identifier: Apache-2.0
"""How a control plane's programs are called, and the files that they read."""

import json

#: Whom the API server's certificate names when it calls a webhook; `ca.pem` is the authority.
WEBHOOK_CLIENT = "kube-apiserver-webhook-client"
#: Who did what, one line a request: a test counts writes by it, and finds out what a role needs.
AUDIT = {
    "apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": [{"level": "Metadata"}],
}


def etcd(folder, port, peer_port):
    client, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer_port}"
    return [
        "etcd", "--data-dir", folder / "etcd", "--unsafe-no-fsync", "--quota-backend-bytes", 8 << 30,
        "--log-level", "error", "--logger", "zap", "--name", "test", "--initial-cluster", f"test={peer}",
        "--listen-client-urls", client, "--advertise-client-urls", client,
        "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
    ]


def apiserver(programs, folder, etcd_port, port):
    return [
        programs / "kube-apiserver", f"--etcd-servers=http://127.0.0.1:{etcd_port}", f"--secure-port={port}",
        "--bind-address=127.0.0.1", f"--cert-dir={folder}", f"--tls-cert-file={folder}/server.pem",
        f"--tls-private-key-file={folder}/server.key", f"--client-ca-file={folder}/ca.pem",
        f"--service-account-key-file={folder}/service-accounts.key",
        f"--service-account-signing-key-file={folder}/service-accounts.key",
        "--service-account-issuer=https://kubernetes.example.org", f"--token-auth-file={folder}/tokens.csv",
        "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24", "--allow-privileged=true",
        # It wants a token's Secret for each service account, which a controller would make.
        "--disable-admission-plugins=ServiceAccount",
        f"--admission-control-config-file={folder}/admission.json", f"--audit-policy-file={folder}/audit.json",
        f"--audit-log-path={folder}/audit.log", "--etcd-compaction-interval=0",
    ]


def scheduler(programs, folder):
    return [
        programs / "kube-scheduler", f"--kubeconfig={folder}/scheduler.kubeconfig", "--leader-elect=false",
        "--secure-port=0", "--port=0",
    ]


def write_files(folder, admin_token):
    (folder / "tokens.csv").touch(mode=0o600)
    (folder / "tokens.csv").write_text(f'{admin_token},admin,admin,"system:masters"\n')
    (folder / "audit.json").write_text(json.dumps(AUDIT))
    webhooks = {
        "apiVersion": "apiserver.config.k8s.io/v1", "kind": "WebhookAdmissionConfiguration",
        "kubeConfigFile": f"{folder}/webhooks.kubeconfig",
    }
    plugins = ["MutatingAdmissionWebhook", "ValidatingAdmissionWebhook"]
    (folder / "admission.json").write_text(json.dumps({
        "apiVersion": "apiserver.config.k8s.io/v1", "kind": "AdmissionConfiguration",
        "plugins": [{"name": name, "configuration": webhooks} for name in plugins],
    }))
    # Every webhook (`*`) sees this certificate.
    identity = {"client-certificate": f"{folder}/webhook-client.pem", "client-key": f"{folder}/webhook-client.key"}
    users = {"apiVersion": "v1", "kind": "Config", "users": [{"name": "*", "user": identity}]}
    (folder / "webhooks.kubeconfig").write_text(json.dumps(users))


def write_kubeconfigs(folder, url, admin_token):
    by_token = {"token": admin_token}
    by_certificate = {"client-certificate": f"{folder}/admin.pem", "client-key": f"{folder}/admin.key"}
    for name, user in {"admin": by_token, "certificate": by_certificate, "scheduler": by_token}.items():
        file = folder / f"{name}.kubeconfig"
        file.touch(mode=0o600)
        file.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": url, "certificate-authority": f"{folder}/ca.pem"}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": name}}],
            "users": [{"name": name, "user": user}],
        }, indent=1))
