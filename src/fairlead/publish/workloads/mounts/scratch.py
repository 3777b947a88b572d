"""Where a program that is not root may write: folders of its image that belong to root, and the folder of its data."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.leaves import When
from fairlead.publish.chart.pod import Mounts
from fairlead.publish.chart.pod_variables import PodVariables
from fairlead.publish.images.known_images import known_image
from fairlead.publish.workloads.mounts.storage import OURS
from fairlead.publish.workloads.pod_profile import is_restricted
from fairlead.resources.container import Container


def with_scratch(chart: Chart, workload: Workload, mounts: Mounts) -> Mounts:
    """What a container mounts, with space for what its image would write as root.

    Args:
        chart: The chart it is in.
        workload: The workload.
        mounts: What it mounts anyway.
    """
    everything = Mounts(list(mounts.volumes), list(mounts.mounts), mounts.claims)
    for number, folder in enumerate(_folders(workload, mounts), 1):
        name, condition = f"{OURS}writable-{number}", (is_restricted(chart),)
        everything.volumes.append(When(condition, {"name": name, "emptyDir": {}}))
        everything.mounts.append(When(condition, {"name": name, "mountPath": folder}))
    return everything


def _folders(workload: Workload, mounts: Mounts) -> Iterator[str]:
    """The folders that an image needs to write to, and that nothing is mounted at."""
    known = known_image(workload)
    if known is None:
        return
    data_path = workload.data_path if isinstance(workload, Container) else None
    taken = {mount["mountPath"] for mount in mounts.mounts}
    yield from (folder for folder in (*known.scratch, *([data_path] if data_path else [])) if folder not in taken)


def data_folder(chart: Chart, workload: Workload, mounts: Mounts, variables: PodVariables) -> list[When]:
    """The variable by which a program keeps its data in a folder that it makes, and so is the owner of.

    It is the folder that is mounted by itself where the program begins as root, so it finds its data either way.
    """
    if not isinstance(workload, Container) or workload.data_variable is None or workload.data_subpath is None:
        return []
    if workload.data_variable in {*variables.config, *variables.secret}:
        return []
    own = [mount for mount in mounts.mounts if isinstance(mount, dict) and mount["mountPath"] == workload.data_path]
    if own and "subPath" not in own[0]:  # a persistent volume of the environment, all of which it has
        return []
    value = f"{workload.data_path}/{workload.data_subpath}"
    return [When((is_restricted(chart),), {"name": workload.data_variable, "value": value})]
