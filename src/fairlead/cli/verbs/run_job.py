"""``fairlead run-job``: run a one-off job to its end, on this machine or in a cluster."""

from __future__ import annotations

import click

from fairlead.cli.completion import JOB, PARAMETER
from fairlead.cli.options import apphost_option
from fairlead.cli.selected_app import SelectedApp
from fairlead.errors import NotRunning, UsageError


@click.command("run-job")
@click.argument("name", type=JOB)
@click.argument("arguments", nargs=-1, metavar="[-- ARGUMENT...]", type=click.UNPROCESSED)
@click.option(
    "--parameter",
    "-p",
    "parameters",
    type=PARAMETER,
    metavar="NAME=VALUE",
    multiple=True,
    help="Set a parameter, if the app does not run yet; a secret one as NAME=@FILE.",
)
@click.option("--context", metavar="NAME", help="Run it in the cluster of this context of your kubeconfig.")
@click.option("-n", "--namespace", metavar="NAME", help="Run it in this namespace. Default: that of the context.")
@apphost_option
@click.pass_obj
def run_job(
    selected_app: SelectedApp,
    name: str,
    arguments: tuple[str, ...],
    parameters: tuple[str, ...],
    context: str | None,
    namespace: str | None,
) -> int:
    """Run a job of the app once, with more arguments, and print what it writes.

    Runs in the app if that runs, and else by itself with what it needs. With --context or --namespace it makes a
    Kubernetes Job from the CronJob that the chart has as its template. Ctrl+C ends the job. Exits with the exit code of
    the job.
    """
    if context is not None or namespace is not None:
        if parameters:
            raise UsageError("a cluster has its own values of parameters", remedy="Leave --parameter out.")
        from fairlead.cli.cluster_jobs import run_in_cluster

        return run_in_cluster(name, arguments, context, namespace)
    from fairlead.cli.client import Client
    from fairlead.cli.job_runs import require_job, run_by_itself, run_in_running_app
    from fairlead.runtime.values.parameters import parse_given

    app = selected_app.load().build("run")
    name = require_job(app, name)
    try:
        client = Client.of(selected_app)
    except NotRunning:
        return run_by_itself(app, name, arguments, parse_given(app, list(parameters)))
    if parameters:
        raise UsageError("the app runs already, with the parameters that it has", remedy="Leave --parameter out.")
    return run_in_running_app(client, name, arguments)
