"""Running a one-off job in a cluster of the user's kubeconfig."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

from fairlead.cli.terminal import say
from fairlead.drivers.cluster_jobs import run_cluster_job
from fairlead.engines.kube.client import connect
from fairlead.engines.kube.user_access import context_of, read_user_kubeconfig


class _Output:
    """The job's lines on standard output, all else on standard error."""

    def lines(self, lines: Sequence[bytes]) -> None:
        """Print what the job has written."""
        sys.stdout.write("".join(f"{line.decode(errors='replace')}\n" for line in lines))
        sys.stdout.flush()

    def notice(self, text: str) -> None:
        """Say something about the job."""
        say(text, err=True)


def run_in_cluster(name: str, arguments: tuple[str, ...], context: str | None, namespace: str | None) -> int:
    """Run a job in a cluster, and print what it writes; Ctrl+C deletes it.

    Args:
        name: The job, as the definition calls it. The app file is not needed.
        arguments: What it is given beyond its own arguments.
        context: The context of the user's kubeconfig; None for the current one.
        namespace: The namespace; None for that of the context.

    Returns:
        Its exit code.

    Raises:
        UsageError: There is no such job in the namespace.
        EngineError: There is no such context, or the cluster refuses or does not answer.
    """
    return asyncio.run(_run(name, arguments, context, namespace))


async def _run(name: str, arguments: tuple[str, ...], context: str | None, namespace: str | None) -> int:
    kubeconfig, usual_namespace = context_of(read_user_kubeconfig(os.environ), context)
    api = await connect(kubeconfig)
    try:
        return await run_cluster_job(api, namespace or usual_namespace, name, arguments, _Output())
    finally:
        await api.close()
