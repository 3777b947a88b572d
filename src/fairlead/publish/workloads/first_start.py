"""Values that only the first start of a program takes, because its data keep them: the password of a database."""

from __future__ import annotations

from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart, FirstStartValue
from fairlead.publish.chart.leaves import Leaf, chart_values
from fairlead.publish.chart.pod_variables import PodVariables
from fairlead.publish.workloads.variables import existing_secret
from fairlead.resources.container import Container


def note_first_start_values(chart: Chart, workload: Workload, name: str, variables: PodVariables) -> None:
    """Say in values.yaml and in the notes which values can't just be changed later; none of a workload without volume.

    Args:
        chart: The chart.
        workload: The workload.
        name: Its name in the cluster, which its ConfigMap and Secret have too.
        variables: Its variables.
    """
    if not isinstance(workload, Container) or all(volume.target != workload.data_path for volume in workload.volumes):
        return
    for variable, change in workload.first_start_variables.items():
        is_secret = variable in variables.secret
        entry = variables.secret.get(variable, variables.config.get(variable))
        if not isinstance(entry, Leaf):
            continue
        for value in chart_values(entry):
            remark = f"The data of {workload.name} keep the first one. Before you change it here, change it there"
            chart.values.remark(value, f"{remark}: {change}.")
        unless = existing_secret(chart.values, workload) if is_secret else None
        kind = "Secret" if is_secret else "ConfigMap"
        chart.first_start_values.append(FirstStartValue(workload.name, kind, name, variable, entry, unless, change))
