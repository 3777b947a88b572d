"""Volumes of a program: in a run the engine's for a container and a folder of this machine for a process."""

from __future__ import annotations

from typing import Self

from fairlead.model.kubernetes.persistent_volumes import PersistentVolume
from fairlead.model.locations import mistake, user_location
from fairlead.model.names import with_article
from fairlead.model.programs.program import Program
from fairlead.model.volume import VolumeMount


class VolumeUser(Program):
    """A program that keeps data in volumes."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.volumes: list[VolumeMount] = []

    def with_volume(self, name: str | None, target: str, *, read_only: bool = False, env: str | None = None) -> Self:
        """Keep data in a volume, which outlives the program.

        In a run the volume of a process is a folder of this machine, so the process has to be told where: give
        ``env``. ``fairlead down --volumes`` removes that folder as well.

        Args:
            name: Volumes of one name are one volume; None for one of its own without a name, for containers only.
            target: Absolute path in the container.
            read_only: Whether it can only be read there.
            env: Environment variable that gets the path at which the program finds its data: the target, or in a run
                of a process the folder.
        """
        self._declare("with_volume")
        named = name is None or self._text("with_volume", "name", name)
        protected = self._flag("with_volume", "read_only", read_only)
        told = env is None or self._variable("with_volume", env)
        if name is None and protected:
            mistake(
                "with_volume(None, …, read_only=True): nobody could ever put anything into it",
                resource=self.name,
                remedy="Give the volume a name, or leave read_only out.",
            )
        elif self.placement.is_process and not self._has_folder(name, env):
            return self
        elif self._path("with_volume", "target", target) and self._is_free(target) and named and told:
            self.volumes.append(VolumeMount(name, target, protected, env, user_location()))
        return self

    def _has_folder(self, name: str | None, env: str | None) -> bool:
        """Whether a folder of this machine can be the volume, which is named after it and told by a variable."""
        if name is None or env is None:
            mistake(
                f"with_volume() got no {'name' if name is None else 'env'}, and {with_article(self.kind)} finds its "
                "volume in a folder of this machine",
                resource=self.name,
                remedy='Give both: with_volume("data", "/data", env="DATA_PATH").',
            )
            return False
        return self._name("with_volume", name)

    def _is_free(self, target: str) -> bool:
        """Whether nothing is mounted at a path yet; else that is a mistake."""
        if target.rstrip("/") not in self._mounted_paths():
            return True
        mistake(
            f"two things are mounted at {target}", resource=self.name, remedy="Give each mount a target of its own."
        )
        return False

    def _mounted_paths(self) -> set[str]:
        """The paths at which something is mounted, without a slash at the end."""
        return {volume.target.rstrip("/") for volume in self.volumes}

    def with_persistent_volume(
        self, volume: PersistentVolume, target: str | None = None, *, read_only: bool = False, env: str | None = None
    ) -> Self:
        """Keep data in a persistent volume of an environment; in a run, in a volume of the same name.

        Args:
            volume: What ``add_persistent_volume`` of an environment returned.
            target: Absolute path in the container; without it, the volume takes the place of the one of its name.
            read_only: Whether it can only be read there.
            env: Environment variable that gets the path, as for ``with_volume``. A process without it has the volume in
                the cluster only.
        """
        before = len(self.claims)
        super().with_persistent_volume(volume, target, read_only=read_only)
        if env is not None and target is None:
            mistake(
                "with_persistent_volume() got env= without a target",
                resource=self.name,
                remedy="Give the target too, or the variable where that is: with_volume(name, target, env=…).",
            )
        elif len(self.claims) > before and target is not None and (env is not None or not self.placement.is_process):
            self.with_volume(volume.name, target, read_only=read_only is True, env=env)
        elif env is not None:
            self._variable("with_persistent_volume", env)
        return self
