"""``fairlead kubeconfig``: where the kubeconfig of a cluster is, for kubectl, helm and the like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from fairlead.cli.client import Client, resource_path
from fairlead.cli.completion import CLUSTER
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import display_path, say
from fairlead.cli.user_kubeconfig import merge_into, user_kubeconfig
from fairlead.engines.kube.kubeconfig import credentials, parse, point_at
from fairlead.errors import StateError, UsageError
from fairlead.runtime.store.files import read_private


@click.command()
@click.argument("cluster", type=CLUSTER)
@click.option("--merge", is_flag=True, help="Add it to ~/.kube/config, or the file that KUBECONFIG names.")
@click.option("--use", is_flag=True, help="With --merge: also make it the current context.")
@json_option
@apphost_option
@click.pass_obj
def kubeconfig(selected_app: SelectedApp, cluster: str, merge: bool, use: bool, as_json: bool) -> None:
    """Print the path of a cluster's kubeconfig, which has all rights. With --merge, print the file it was added to.

    `kubectl --kubeconfig "$(fairlead kubeconfig CLUSTER)" get pods`
    """
    if use and not merge:
        raise UsageError("--use is about the file that --merge adds to", remedy="Give both, or neither.")
    client = Client.of(selected_app)
    resource = client.get(resource_path(cluster))
    path = Path(_path_of(resource, client))
    context = f"{client.record.name}-{resource['name']}" if merge else None
    if context is not None:
        path = _merge(path, context, use)
    say(json.dumps({"kubeconfig": str(path), "context": context}) if as_json else str(path))


def _path_of(resource: dict[str, Any], client: Client) -> str:
    """Where the kubeconfig of a resource is.

    Raises:
        UsageError: It has none, or not yet.
    """
    path: str | None = resource["properties"].get("kubeconfig")
    if path is not None:
        return path
    others = [other for other in client.get("/api/resources")["resources"] if "kubeconfig" in other["properties"]]
    names = ", ".join(other["name"] for other in others)
    raise UsageError(
        f"it has no kubeconfig: it is a {resource['type']} and {resource['state']}",
        resource=resource["name"],
        remedy=f"Those that have one: {names}."
        if names
        else f"A cluster has one when its API answers: fairlead wait {resource['name']}.",
    )


def _merge(path: Path, context: str, use: bool) -> Path:
    """Add a kubeconfig to the user's under another name; the user's file."""
    content = read_private(path)
    if content is None:
        raise StateError(f"{path} is not there any more", remedy="Restart the cluster, which writes it.")
    own = parse(content.decode(), str(path))
    target = user_kubeconfig()
    merge_into(target, point_at(own, credentials(own).server, name=context), use=use)
    selection = "" if use else f" --context {context}"
    say(f"Added {context} to {display_path(target)}. Use it: kubectl{selection} get pods", err=True)
    return target
