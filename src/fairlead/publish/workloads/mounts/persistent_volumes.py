"""Persistent volumes of an environment: a claim, a claim and its volume, or a claim that exists already."""

from __future__ import annotations

from typing import Any

from fairlead.model.kubernetes.persistent_volumes import PersistentVolume
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.claims import (
    CLASS_COMMENT,
    KEEP,
    MODE_SCHEMA,
    NO_CLASS,
    QUANTITY_SCHEMA,
    class_entry,
    is_quantity,
)
from fairlead.publish.chart.jobs import NAME_DIGITS
from fairlead.publish.chart.labels import metadata
from fairlead.publish.chart.leaves import Builtin, Checksum, Text, join
from fairlead.publish.chart.names import object_name, suffixed
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.properties import default_text, property_value
from fairlead.publish.chart.sections import Section
from fairlead.publish.context import PlanningContext


def claim_name(chart: Chart, volume: PersistentVolume) -> Text:
    """The name of the claim of a persistent volume: its own, or that of one which is there already."""
    if volume.existing_claim is None:
        return ObjectName("PersistentVolumeClaim", object_name(volume.name))
    return property_value(
        chart, volume.name, Section.STORAGE.value(volume.name, "existingClaim"), volume.existing_claim
    )


def persistent_volume(context: PlanningContext, volume: PersistentVolume) -> list[dict[str, Any]]:
    """The objects of a persistent volume: none for a claim that is there, else the claim, with a source the volume too.

    Args:
        context: The chart in the making.
        volume: The volume.
    """
    _report_idle_options(context, volume)
    if volume.existing_claim is not None:
        return []
    size, modes = _size(context, volume), _modes(context, volume)
    name = object_name(volume.name)
    volume_name = _volume_name(context.chart, volume, name)
    class_name = _class_name(context, volume)
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            **metadata(context.chart, name),
            "annotations": {**_annotations(context, volume), **KEEP},
        },
        "spec": {
            "accessModes": modes,
            "storageClassName": class_name,
            **({} if volume_name is None else {"volumeName": volume_name}),
            "resources": {"requests": {"storage": size}},
        },
    }
    if volume.source is None:
        return [claim]
    own_volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {**metadata(context.chart, name), "name": volume_name, "annotations": dict(KEEP)},
        "spec": {
            "capacity": {"storage": size},
            "accessModes": modes,
            "persistentVolumeReclaimPolicy": volume.reclaim_policy or "Retain",
            "storageClassName": class_name,
            **({"mountOptions": list(volume.mount_options)} if volume.mount_options else {}),
            **volume.source,
        },
    }
    return [own_volume, claim]


def _size(context: PlanningContext, volume: PersistentVolume) -> Text:
    given = volume.capacity or context.environment.properties.default_storage_size
    if (known := default_text(given)) is not None and not is_quantity(known):
        context.report.error(volume, f"{known!r} is no amount of storage", "Write it like 10Gi.")
    key = Section.STORAGE.value(volume.name, "size")
    return property_value(context.chart, volume.name, key, given, schema=QUANTITY_SCHEMA)


def _modes(context: PlanningContext, volume: PersistentVolume) -> list[Text]:
    if volume.access_modes:
        return list(volume.access_modes)
    policy = context.environment.properties.default_storage_read_write_policy
    key = Section.STORAGE.value(volume.name, "accessMode")
    return [property_value(context.chart, volume.name, key, policy, schema=MODE_SCHEMA)]


def _class_name(context: PlanningContext, volume: PersistentVolume) -> Any:
    """The class of a claim, and of its volume if that is named."""
    chart, key = context.chart, Section.STORAGE.value(volume.name, "storageClass")
    if volume.source is None and volume.existing_volume is None:
        own = NO_CLASS if volume.storage_class == "" else volume.storage_class
        given = own or context.environment.properties.default_storage_class_name
        return class_entry(property_value(chart, volume.name, key, given, comment=CLASS_COMMENT))
    if not volume.storage_class:
        # Without a class nothing else is provisioned; one that is asked for decides, for example, whether it can grow.
        return ""
    return property_value(chart, volume.name, key, volume.storage_class)


def _volume_name(chart: Chart, volume: PersistentVolume, name: str) -> Text | None:
    """The name of the volume that is claimed; None where the cluster makes one.

    A volume is one of the whole cluster, so a checksum of namespace and release is in the name of our own.
    """
    if volume.existing_volume is not None:
        key = Section.STORAGE.value(volume.name, "existingVolume")
        return property_value(chart, volume.name, key, volume.existing_volume)
    if volume.source is not None:
        return join([f"{suffixed(name)}-", Checksum((Builtin("namespace"), Builtin("release")), NAME_DIGITS)])
    return None


def _annotations(context: PlanningContext, volume: PersistentVolume) -> dict[str, Text]:
    texts: dict[str, Text] = {}
    for key, given in volume.annotations.items():
        texts |= context.translator.annotations({key: given.value}, volume, given.where, "PersistentVolumeClaim")
    return texts


def _report_idle_options(context: PlanningContext, volume: PersistentVolume) -> None:
    """Warn of options that say how a claim or a volume is made which is not made here."""
    of_volume: dict[str, object] = {
        "with_mount_options()": volume.mount_options or None,
        "with_reclaim_policy()": volume.reclaim_policy,
    }
    of_claim: dict[str, object] = {
        "with_source()": volume.source,
        "with_existing_volume()": volume.existing_volume,
        "with_capacity()": volume.capacity,
        "with_storage_class()": volume.storage_class,
        "with_volume_annotation()": volume.annotations or None,
    }
    if volume.existing_claim is not None:
        remedy = "Take it away, or take with_existing_claim() away."
        _warn_of(context, volume, {**of_claim, **of_volume}, "its claim is there already", remedy)
    elif volume.existing_volume is not None:
        _warn_of(context, volume, of_volume, "its volume is there already", "Set it on that volume.")
    elif volume.source is None:
        remedy = "Set it in the StorageClass, or describe the volume: with_source(…)."
        _warn_of(context, volume, of_volume, "the cluster makes its volume, by its class", remedy)


def _warn_of(
    context: PlanningContext, volume: PersistentVolume, options: dict[str, object], reason: str, remedy: str
) -> None:
    methods = [method for method, given in options.items() if given is not None]
    if methods:
        context.report.warn(volume, f"{', '.join(methods)} has no effect: {reason}", remedy)
