"""Persistent volumes of an environment: a claim, a claim and its volume, or a claim that exists already."""

from __future__ import annotations

from typing import Any

from fairlead.model.kubernetes.persistent_volumes import PersistentVolume
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.claims import KEEP, MODE_SCHEMA, QUANTITY_SCHEMA, is_quantity
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.jobs import NAME_DIGITS
from fairlead.publish.chart.labels import metadata
from fairlead.publish.chart.leaves import Builtin, Checksum, Text, When, join
from fairlead.publish.chart.names import object_name, suffixed
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.properties import default_text, property_value
from fairlead.publish.chart.sections import Section
from fairlead.resources.kubernetes import KubernetesEnvironment


def claim_name(chart: Chart, volume: PersistentVolume) -> Text:
    """The name of the claim of a persistent volume: its own, or that of one which is there already."""
    if volume.existing_claim is None:
        return ObjectName("PersistentVolumeClaim", object_name(volume.name))
    return property_value(
        chart, volume.name, Section.STORAGE.value(volume.name, "existingClaim"), volume.existing_claim
    )


def persistent_volume(
    chart: Chart, volume: PersistentVolume, environment: KubernetesEnvironment, report: Report
) -> list[dict[str, Any]]:
    """The objects of a persistent volume: none for a claim that is there, else the claim, with a source the volume too.

    Args:
        chart: The chart it is in.
        volume: The volume.
        environment: Whose defaults hold.
        report: Where is reported what is no amount, or changes nothing.
    """
    if volume.existing_claim is not None:
        _report_left_out(volume, report)
        return []
    properties, key = environment.properties, Section.STORAGE.value(volume.name)
    size_given = volume.capacity or properties.default_storage_size
    if (known := default_text(size_given)) is not None and not is_quantity(known):
        report.error(volume, f"{known!r} is no amount of storage", "Write it like 10Gi.")
    size = property_value(chart, volume.name, (*key, "size"), size_given, schema=QUANTITY_SCHEMA)
    modes: list[Text] = list(volume.access_modes)
    if not modes:
        policy = properties.default_storage_read_write_policy
        modes = [property_value(chart, volume.name, (*key, "accessMode"), policy, schema=MODE_SCHEMA)]
    name = object_name(volume.name)
    claim: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {**metadata(chart, name), "annotations": {**volume.annotations, **KEEP}},
        "spec": {"accessModes": modes},
    }
    requested = {"resources": {"requests": {"storage": size}}}
    if volume.source is None:
        given = volume.storage_class or properties.default_storage_class_name
        class_name = property_value(
            chart, volume.name, (*key, "storageClass"), given, comment="Empty for the default class."
        )
        claim["spec"] |= {"storageClassName": When((class_name,), class_name), **requested}
        return [claim]
    # Without a class nothing else is provisioned; one that is asked for decides, for example, whether it can grow.
    class_of_both: Text = ""
    if volume.storage_class is not None:
        class_of_both = property_value(chart, volume.name, (*key, "storageClass"), volume.storage_class)
    volume_called = _volume_called(name)
    claim["spec"] |= {"storageClassName": class_of_both, "volumeName": volume_called, **requested}
    made = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {**metadata(chart, name), "name": volume_called, "annotations": dict(KEEP)},
        "spec": {
            "capacity": {"storage": size},
            "accessModes": modes,
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": class_of_both,
            **volume.source,
        },
    }
    return [made, claim]


def _volume_called(name: str) -> Text:
    """The name of a volume. It is one of the whole cluster, so a checksum of namespace and release is in it."""
    return join([f"{suffixed(name)}-", Checksum((Builtin("namespace"), Builtin("release")), NAME_DIGITS)])


def _report_left_out(volume: PersistentVolume, report: Report) -> None:
    """Warn of what a claim that is there already was made with, or without."""
    given = {
        "with_source()": volume.source,
        "with_capacity()": volume.capacity,
        "with_storage_class()": volume.storage_class,
        "with_volume_annotation()": volume.annotations or None,
    }
    found = [method for method, what in given.items() if what is not None]
    if found:
        report.warn(
            volume,
            f"{', '.join(found)} has no effect: its claim is there already",
            "Take it away, or take with_existing_claim() away.",
        )
