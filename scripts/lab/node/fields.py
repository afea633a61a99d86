# SPDX-License-Identifier: Apache-2.0
"""What a container is told about its pod: fields, keys of ConfigMaps and Secrets, and variables made of them."""

import base64
import math
import re

from node import image
from node.quantity import quantity


class NotYet(Exception):
    """Something that the pod refers to is not there, or not as it should be; a kubelet looks again until it is."""


def environment(kube, pod, container, python):
    """`NAME=value` of each variable, as it stands in the end."""
    variables = {"PATH": image.path_variable(python), "HOSTNAME": pod["metadata"]["name"], **image.ENVIRONMENT}
    for source in container.get("envFrom") or []:
        for kind, data in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
            if kind in source:
                found = stored(kube, pod, data, source[kind])
                variables |= {source.get("prefix", "") + key: value.decode() for key, value in found.items()}
    for entry in container.get("env") or []:
        value = variable(kube, pod, container, entry)
        if value is not None:
            variables[entry["name"]] = expanded(value, variables)
    return [f"{name}={value}" for name, value in variables.items()]


def variable(kube, pod, container, entry):
    source = entry.get("valueFrom")
    if not source:
        return entry.get("value", "")
    if "fieldRef" in source:
        return field(pod, source["fieldRef"]["fieldPath"])
    if "resourceFieldRef" in source:
        return resource(container, source["resourceFieldRef"])
    for kind, data in (("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets")):
        if kind in source:
            reference = source[kind]
            value = stored(kube, pod, data, reference).get(reference["key"])
            if value is None and not reference.get("optional"):
                raise NotYet(f"couldn't find key {reference['key']} in {data} {reference['name']}")
            return value.decode() if value is not None else None
    raise NotYet(f"the tests' node knows no variable from {', '.join(source)}")


def stored(kube, pod, data, reference):
    """What the ConfigMap or Secret holds, as bytes by key; nothing where it may be missing and is."""
    name = reference.get("name") or reference.get("secretName")
    found = kube.get(f"/api/v1/namespaces/{pod['metadata']['namespace']}/{data}/{name}")
    if found is None:
        if reference.get("optional"):
            return {}
        raise NotYet(f"{data.removesuffix('s')} \"{name}\" not found")
    binary = {key: base64.b64decode(value) for key, value in (found.get("binaryData") or {}).items()}
    texts = found.get("data") or {}
    if data == "secrets":
        return {key: base64.b64decode(value) for key, value in texts.items()}
    return binary | {key: value.encode() for key, value in texts.items()}


def field(pod, path):
    """`metadata.name`, `metadata.labels['x']`, `status.podIP` ...; all labels as a volume shows them."""
    single = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
    if single:
        return (pod["metadata"].get(single[1]) or {}).get(single[2], "")
    value = pod
    for name in path.split("."):
        value = value.get(name) or {}
    if isinstance(value, dict):
        return "".join(f'{key}="{text}"\n' for key, text in value.items()) if path.startswith("metadata.") else ""
    return str(value)


def resource(container, reference):
    """`limits.cpu` and its like, rounded up to the divisor."""
    kind, name = reference["resource"].split(".", 1)
    amount = ((container.get("resources") or {}).get(kind) or {}).get(name, 0)
    divisor = quantity(reference.get("divisor") or 1) or 1
    return str(math.ceil(quantity(amount) / divisor))


def expanded(text, variables):
    """`$(NAME)` by the variables before it; `$$(NAME)` stays `$(NAME)`."""
    def one(found):
        if found[0].startswith("$$"):
            return found[0][1:]
        return variables.get(found[1], found[0])

    return re.sub(r"\$?\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)", one, text)
