"""What is collected of a workload before anything is decided: its variables, arguments and files."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.publish.chart.leaves import ChartValue, Text, When
from fairlead.publish.chart.pod_variables import PodVariables
from fairlead.publish.workloads.mounts.container_files import ContainerFiles
from fairlead.records import record


@record
class WorkloadInputs:
    """The variables, arguments and files of one workload.

    Args:
        variables: Its variables and arguments.
        files: The files that a ConfigMap or Secret brings.
        existing_secret: The value that names a Secret to use instead of the chart's; None where it has no secrets.
    """

    variables: PodVariables
    files: ContainerFiles
    existing_secret: ChartValue | None

    @property
    def secrets(self) -> Mapping[str, Text | When]:
        """All that is in its Secret, by key."""
        return {**self.variables.secret, **self.files.secret}
