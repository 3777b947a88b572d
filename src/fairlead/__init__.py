"""Fairlead: one Python file describes a distributed application; run it here, publish it to Kubernetes.

The public names are loaded when they are asked for: the command line, which is below this package, then starts without
loading the model that most of its verbs have no use for.
"""

from __future__ import annotations

# Type checkers know the name and take it for true. The typing module is half of what the command line would load
# before it can see to Ctrl+C, and what is interrupted in there prints a traceback.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from fairlead.app import AppBuilder as AppBuilder
    from fairlead.errors import AlreadyRunning as AlreadyRunning
    from fairlead.errors import CommandFailed as CommandFailed
    from fairlead.errors import DefinitionError as DefinitionError
    from fairlead.errors import DependencyFailed as DependencyFailed
    from fairlead.errors import EngineError as EngineError
    from fairlead.errors import EngineUnavailable as EngineUnavailable
    from fairlead.errors import FairleadError as FairleadError
    from fairlead.errors import ModelError as ModelError
    from fairlead.errors import NotRunning as NotRunning
    from fairlead.errors import PublishError as PublishError
    from fairlead.errors import ResourceFailed as ResourceFailed
    from fairlead.errors import StartError as StartError
    from fairlead.errors import StateError as StateError
    from fairlead.errors import UsageError as UsageError
    from fairlead.errors import ValueMissing as ValueMissing
    from fairlead.errors import WaitError as WaitError
    from fairlead.errors import WaitTimeout as WaitTimeout
    from fairlead.model.app import App as App
    from fairlead.model.command import Command as Command
    from fairlead.model.command import CommandInput as CommandInput
    from fairlead.model.command import CommandResult as CommandResult
    from fairlead.model.driving.driver import FOREVER as FOREVER
    from fairlead.model.driving.driver import KEPT as KEPT
    from fairlead.model.driving.driver import Driver as Driver
    from fairlead.model.driving.driver import FileChange as FileChange
    from fairlead.model.driving.driver import Forever as Forever
    from fairlead.model.driving.driver import HostCommand as HostCommand
    from fairlead.model.driving.driver import Kept as Kept
    from fairlead.model.driving.driver import StopReason as StopReason
    from fairlead.model.driving.driver_context import DriverContext as DriverContext
    from fairlead.model.driving.driver_context import FollowLog as FollowLog
    from fairlead.model.driving.ports import Address as Address
    from fairlead.model.driving.ports import ContainerPort as ContainerPort
    from fairlead.model.driving.run_guard import RunGuard as RunGuard
    from fairlead.model.endpoints.consumer import Contribution as Contribution
    from fairlead.model.endpoints.consumer import Mode as Mode
    from fairlead.model.endpoints.consumer import Network as Network
    from fairlead.model.endpoints.endpoint import EndpointSpec as EndpointSpec
    from fairlead.model.endpoints.placement import NeededPort as NeededPort
    from fairlead.model.endpoints.placement import Placement as Placement
    from fairlead.model.endpoints.placement import PlacementKind as PlacementKind
    from fairlead.model.health import Health as Health
    from fairlead.model.health import HealthStatus as HealthStatus
    from fairlead.model.kubernetes.customization import KubernetesObjects as KubernetesObjects
    from fairlead.model.kubernetes.parts import NodePool as NodePool
    from fairlead.model.kubernetes.persistent_volumes import PersistentVolume as PersistentVolume
    from fairlead.model.lifetime import Lifetime as Lifetime
    from fairlead.model.lifetime import PullPolicy as PullPolicy
    from fairlead.model.locations import Location as Location
    from fairlead.model.observation.observed import ObservedChild as ObservedChild
    from fairlead.model.observation.snapshot import CommandView as CommandView
    from fairlead.model.observation.snapshot import Declaration as Declaration
    from fairlead.model.observation.snapshot import EndpointView as EndpointView
    from fairlead.model.observation.snapshot import HealthReport as HealthReport
    from fairlead.model.observation.snapshot import ReplicaView as ReplicaView
    from fairlead.model.observation.snapshot import Snapshot as Snapshot
    from fairlead.model.observation.snapshot import Url as Url
    from fairlead.model.observation.snapshot import VariableView as VariableView
    from fairlead.model.observation.snapshot import WaitView as WaitView
    from fairlead.model.observation.state import State as State
    from fairlead.model.observation.usage import ResourceUse as ResourceUse
    from fairlead.model.parameter import Generate as Generate
    from fairlead.model.parameter import Parameter as Parameter
    from fairlead.model.programs.image import Build as Build
    from fairlead.model.programs.image import Image as Image
    from fairlead.model.programs.inputs import CallbackContext as CallbackContext
    from fairlead.model.programs.workload import Workload as Workload
    from fairlead.model.resource import ActionContext as ActionContext
    from fairlead.model.resource import Consumer as Consumer
    from fairlead.model.resource import Endpoint as Endpoint
    from fairlead.model.resource import Resource as Resource
    from fairlead.model.values.conditional import when as when
    from fairlead.model.values.value import Output as Output
    from fairlead.model.values.value import Value as Value
    from fairlead.model.values.value import ValueLike as ValueLike
    from fairlead.model.values.value import ref as ref
    from fairlead.model.volume import BindMount as BindMount
    from fairlead.model.volume import ContainerFile as ContainerFile
    from fairlead.model.volume import VolumeMount as VolumeMount
    from fairlead.model.wait import WaitBehavior as WaitBehavior
    from fairlead.model.wait import WaitKind as WaitKind
    from fairlead.options import ContainerOptions as ContainerOptions
    from fairlead.options import ProcessOptions as ProcessOptions
    from fairlead.options import ServerOptions as ServerOptions
    from fairlead.publish.cluster_kind import ClusterKind as ClusterKind
    from fairlead.publish.cluster_kind import CommandLine as CommandLine
    from fairlead.publish.cluster_kind import GeneratedDockerfile as GeneratedDockerfile
    from fairlead.publish.publisher import PublishResult as PublishResult
    from fairlead.resources.connection_string import ConnectionString as ConnectionString
    from fairlead.resources.container import Container as Container
    from fairlead.resources.executable import Executable as Executable
    from fairlead.resources.external import ExternalService as ExternalService
    from fairlead.resources.k3s import HelmRelease as HelmRelease
    from fairlead.resources.k3s import K3sCluster as K3sCluster
    from fairlead.resources.k3s import KubernetesManifest as KubernetesManifest
    from fairlead.resources.k3s import ServiceEndpoint as ServiceEndpoint
    from fairlead.resources.k3s.agent import K3sAgent as K3sAgent
    from fairlead.resources.k3s.registry import K3sRegistry as K3sRegistry
    from fairlead.resources.kubernetes import CertManager as CertManager
    from fairlead.resources.kubernetes import Gateway as Gateway
    from fairlead.resources.kubernetes import HelmChart as HelmChart
    from fairlead.resources.kubernetes import Ingress as Ingress
    from fairlead.resources.kubernetes import Issuer as Issuer
    from fairlead.resources.kubernetes import KubernetesEnvironment as KubernetesEnvironment
    from fairlead.resources.kubernetes import KubernetesProperties as KubernetesProperties
    from fairlead.resources.kubernetes import KubernetesPropertyOptions as KubernetesPropertyOptions
    from fairlead.resources.node import NodeApp as NodeApp
    from fairlead.resources.node import ViteApp as ViteApp
    from fairlead.resources.postgres import Postgres as Postgres
    from fairlead.resources.postgres import PostgresDatabase as PostgresDatabase
    from fairlead.resources.python import PythonApp as PythonApp
    from fairlead.resources.python import UvicornApp as UvicornApp
    from fairlead.resources.redis import Redis as Redis
    from fairlead.verbs import Apphost as Apphost
    from fairlead.verbs import apphost as apphost

__version__ = "0.1.0"

# Where each of them is; the same as above, as a test sees to.
_HOMES = {
    "fairlead.app": "AppBuilder",
    "fairlead.options": "ContainerOptions ProcessOptions ServerOptions",
    "fairlead.errors": (
        "AlreadyRunning CommandFailed DefinitionError DependencyFailed EngineError EngineUnavailable "
        "FairleadError ModelError NotRunning PublishError ResourceFailed StartError StateError "
        "UsageError ValueMissing WaitError WaitTimeout"
    ),
    "fairlead.model.app": "App",
    "fairlead.model.command": "Command CommandInput CommandResult",
    "fairlead.model.driving.driver": "FOREVER KEPT Driver FileChange Forever HostCommand Kept StopReason",
    "fairlead.model.driving.driver_context": "DriverContext FollowLog",
    "fairlead.model.driving.ports": "Address ContainerPort",
    "fairlead.model.driving.run_guard": "RunGuard",
    "fairlead.model.endpoints.consumer": "Contribution Mode Network",
    "fairlead.model.endpoints.endpoint": "EndpointSpec",
    "fairlead.model.endpoints.placement": "NeededPort Placement PlacementKind",
    "fairlead.model.health": "Health HealthStatus",
    "fairlead.model.kubernetes.customization": "KubernetesObjects",
    "fairlead.model.kubernetes.parts": "NodePool",
    "fairlead.model.kubernetes.persistent_volumes": "PersistentVolume",
    "fairlead.model.lifetime": "Lifetime PullPolicy",
    "fairlead.model.locations": "Location",
    "fairlead.model.observation.observed": "ObservedChild",
    "fairlead.model.observation.snapshot": (
        "CommandView Declaration EndpointView HealthReport ReplicaView Snapshot Url VariableView WaitView"
    ),
    "fairlead.model.observation.state": "State",
    "fairlead.model.observation.usage": "ResourceUse",
    "fairlead.model.parameter": "Generate Parameter",
    "fairlead.model.programs.image": "Build Image",
    "fairlead.model.programs.inputs": "CallbackContext",
    "fairlead.model.programs.workload": "Workload",
    "fairlead.model.resource": "ActionContext Consumer Endpoint Resource",
    "fairlead.model.values.conditional": "when",
    "fairlead.model.values.value": "Output Value ValueLike ref",
    "fairlead.model.volume": "BindMount ContainerFile VolumeMount",
    "fairlead.model.wait": "WaitBehavior WaitKind",
    "fairlead.publish.cluster_kind": "ClusterKind CommandLine GeneratedDockerfile",
    "fairlead.publish.publisher": "PublishResult",
    "fairlead.resources.connection_string": "ConnectionString",
    "fairlead.resources.container": "Container",
    "fairlead.resources.executable": "Executable",
    "fairlead.resources.external": "ExternalService",
    "fairlead.resources.k3s": "HelmRelease K3sCluster KubernetesManifest ServiceEndpoint",
    "fairlead.resources.k3s.agent": "K3sAgent",
    "fairlead.resources.k3s.registry": "K3sRegistry",
    "fairlead.resources.kubernetes": (
        "CertManager Gateway HelmChart Ingress Issuer KubernetesEnvironment KubernetesProperties "
        "KubernetesPropertyOptions"
    ),
    "fairlead.resources.node": "NodeApp ViteApp",
    "fairlead.resources.postgres": "Postgres PostgresDatabase",
    "fairlead.resources.python": "PythonApp UvicornApp",
    "fairlead.resources.redis": "Redis",
    "fairlead.verbs": "Apphost apphost",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

if not TYPE_CHECKING:
    __all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
