"""Settings of a container that most need none of: whom it runs as, what it may do, what the machine gives it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Self

from fairlead.container_options import option_problem
from fairlead.model.argument_checks import PUBLISHED_KEYS
from fairlead.model.containers.limited import LimitedContainer
from fairlead.model.containers.settings import (
    CAPABILITIES,
    HOST_GATEWAY,
    ExtraHost,
)
from fairlead.model.endpoints.placement import HOST_FROM_CONTAINER
from fairlead.model.locations import mistake
from fairlead.model.names import is_label_key

_USER = r"(?a)[^:\s]+(:[^:\s]+)?"
_HOST_NAME = r"(?a)[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_PERMISSIONS = r"(?=[rwm])r?w?m?"
_OURS = "dev.fairlead."
_SHM = "/dev/shm"  # noqa: S108 - a path in the container


class ConfigurableContainer(LimitedContainer):
    """A container with settings. A run gives them to the engine; a chart has what a cluster knows of them."""

    # Whom it runs as, and what it may do

    def with_user(self, user: str | int) -> Self:
        """Run its program as another user than the image's.

        Args:
            user: A user, or a user and a group as ``"1000:1000"``. A cluster takes numbers only.
        """
        self._declare("with_user")
        text = str(user) if isinstance(user, int) and not isinstance(user, bool) and user >= 0 else user
        if self._matches("with_user", "user", text, _USER, "Write it like '1000', '1000:1000' or 'node'."):
            self._set(user=text)
            context = self.pod_fields.setdefault("securityContext", {})
            user_id, group_id = self.settings.user_ids or (None, None)
            _put(context, {"runAsUser": user_id, "runAsGroup": group_id})
            if not context:
                del self.pod_fields["securityContext"]
        return self

    def with_privileged(self) -> Self:
        """Let it do all that the machine's root may do."""
        self._declare("with_privileged")
        return self._set(privileged=True)

    def with_capabilities(self, add: Collection[str] = (), drop: Collection[str] = ()) -> Self:
        """Add capabilities of Linux to those that the engine gives it, or take some away.

        Args:
            add: Such as ``["SYS_PTRACE"]``, with or without ``CAP_``.
            drop: The same; ``["ALL"]`` for all but the added ones.
        """
        self._declare("with_capabilities")
        added, dropped = self._capability_names("add", add), self._capability_names("drop", drop)
        if added is not None and dropped is not None:
            self._set(
                added_capabilities=_united(self.settings.added_capabilities, added),
                dropped_capabilities=_united(self.settings.dropped_capabilities, dropped),
            )
        return self

    def with_sysctl(self, name: str, value: str | int) -> Self:
        """Set a kernel parameter of its own namespaces.

        A chart has those that Kubernetes calls safe; others it leaves out, as nodes refuse pods that ask for them.

        Args:
            name: Such as ``net.core.somaxconn``.
            value: Its value.
        """
        self._declare("with_sysctl")
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        named = self._matches("with_sysctl", "name", name, r"[^=\s]+", "Write it like 'net.core.somaxconn'.")
        if self._text("with_sysctl", "value", text) and named:
            self._set(sysctls=_with_entry(self.settings.sysctls, name, str(text)))
        return self

    # Its file system

    def with_read_only_root(self) -> Self:
        """Let its program write to volumes, mounts and folders in memory only."""
        self._declare("with_read_only_root")
        self.pod_fields.setdefault("securityContext", {})["readOnlyRootFilesystem"] = True
        return self._set(read_only_root=True)

    def with_working_directory(self, path: str) -> Self:
        """Start its program in another folder than the image's.

        Args:
            path: Absolute path in the container.
        """
        self._declare("with_working_directory")
        if self._path("with_working_directory", "path", path):
            self._set(working_directory=path)
        return self

    # Its names and its log

    def with_host_name(self, name: str) -> Self:
        """Give it another host name than the resource's.

        Args:
            name: What it is called to itself. On the app's network it keeps the resource's name.
        """
        self._declare("with_host_name")
        remedy = "Use up to 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends."
        if self._matches("with_host_name", "name", name, _HOST_NAME, remedy):
            self._set(host_name=name)
        return self

    def with_extra_host(self, name: str, address: str) -> Self:
        """Let it find an address under a name, by its hosts file.

        Args:
            name: The name.
            address: An IP address; ``"host-gateway"`` for this machine, which is ``host.docker.internal`` anyway.
        """
        self._declare("with_extra_host")
        named = self._matches("with_extra_host", "name", name, r"[^\s:]+", "Give the name of a host.")
        place = address.strip("[]") if isinstance(address, str) else address
        if not self._is_address(place) or not named:
            return self
        if name == HOST_FROM_CONTAINER and place != HOST_GATEWAY:
            mistake(
                f"with_extra_host() got {name!r}, which leads to this machine",
                resource=self.name,
                remedy="Use another name for that address.",
            )
        else:
            hosts = dict.fromkeys((*self.settings.extra_hosts, ExtraHost(name, place)))
            self._set(extra_hosts=tuple(hosts))
            self._set_host_aliases()
        return self

    def _set_host_aliases(self) -> None:
        """The hosts as pods have them: those with an address that is the same everywhere."""
        names: dict[str, list[str]] = {}
        for host in self.settings.extra_hosts:
            if host.address != HOST_GATEWAY:
                names.setdefault(host.address, []).append(host.name)
        if names:
            self.pod_fields["hostAliases"] = [{"ip": ip, "hostnames": hosts} for ip, hosts in names.items()]

    def with_label(self, name: str, value: str = "") -> Self:
        """Label it in the engine. In a chart it is an annotation of its pods.

        Args:
            name: Such as ``com.example.team``.
            value: Its value.
        """
        self._declare("with_label")
        named = self._matches("with_label", "name", name, r"[^=\s]+", "Write it like 'com.example.team'.")
        if named and name.startswith(_OURS):
            mistake(
                f"with_label() got {name!r}, and by labels of this name Fairlead finds what it has to remove",
                resource=self.name,
                remedy="Use another name.",
            )
        elif named and (value == "" or self._text("with_label", "value", value)):
            self._set(labels=_with_entry(self.settings.labels, name, value))
            if is_annotation_key(name):
                self._set_pod_annotation(name, value)
        return self

    def with_log_options(self, driver: str | None = None, **options: str | int) -> Self:
        """Say how the engine keeps its log. A cluster's nodes keep logs in their own way.

        Args:
            driver: ``json-file``, ``local``, ``journald`` or ``k8s-file``; by default the engine's.
            **options: Options of that, with ``_`` for each ``-``: ``max_size="10m", max_file=3``.
        """
        self._declare("with_log_options")
        valid = driver is None or self._is_log_driver(driver)
        entries = self.settings.log_options
        for name, value in options.items():
            text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
            if self._text("with_log_options", name, text):
                entries = _with_entry(entries, name.replace("_", "-"), str(text))
        if valid:
            self._set(log_driver=self.settings.log_driver if driver is None else driver, log_options=entries)
        return self

    def with_init(self) -> Self:
        """Start a small first process in it, which passes signals on and collects processes that have ended."""
        self._declare("with_init")
        return self._set(init=True)

    # Checks of arguments

    def _capability_names(self, what: str, names: object) -> tuple[str, ...] | None:
        """The names of capabilities without ``CAP_``; None, reported, where they are none."""
        if isinstance(names, Collection) and not isinstance(names, (str, bytes)):
            known = tuple(str(name).strip().upper().removeprefix("CAP_") for name in names)
            if set(known) <= CAPABILITIES:
                return known
        mistake(
            f"with_capabilities() got {names!r} as {what}" if names else f"with_capabilities() got no list as {what}",
            resource=self.name,
            remedy="Write them like ['NET_ADMIN', 'SYS_PTRACE']; `man capabilities` lists them.",
        )
        return None

    def _is_address(self, address: object) -> bool:
        """Whether something is an IP address, or stands for this machine's."""
        if address == HOST_GATEWAY:
            return True
        from ipaddress import ip_address  # few containers have such a host

        try:
            ip_address(str(address))
        except ValueError:
            mistake(
                f"with_extra_host() got {address!r} as address",
                resource=self.name,
                remedy='Give an IP address, or "host-gateway" for this machine.',
            )
            return False
        return True

    def _is_log_driver(self, driver: object) -> bool:
        if not self._text("with_log_options", "driver", driver):
            return False
        problem = option_problem(f"--log-driver={driver}")
        if problem is not None:
            mistake(
                f"with_log_options() got {driver!r} as driver, and Fairlead could not read what it writes",
                resource=self.name,
                remedy="Use json-file, local, journald or k8s-file.",
            )
        return problem is None


def is_annotation_key(name: str) -> bool:
    """Whether a label of a container can be an annotation of a pod, and none that publishing sets itself."""
    return is_label_key(name.lower()) and not name.startswith(PUBLISHED_KEYS)


def _put(fields: dict[str, Any], entries: Mapping[str, Any]) -> None:
    """Set entries; those that are None are taken away."""
    for key, value in entries.items():
        fields.pop(key, None)
        if value is not None:
            fields[key] = value


def _united(known: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))


def _with_entry(entries: tuple[tuple[str, str], ...], name: str, value: str) -> tuple[tuple[str, str], ...]:
    """Entries with one more, which replaces one of its name."""
    return tuple({**dict(entries), name: value}.items())
