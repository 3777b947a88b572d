"""What is known of images that begin as root: what they need as root, and as the user that they become."""

from __future__ import annotations

from fairlead.model.programs.workload import Workload
from fairlead.publish.images.image_names import ImageName
from fairlead.records import record


@record
class KnownImage:
    """An image that begins as root and then becomes another user.

    Args:
        capabilities: What its entrypoint needs to give up being root.
        user: The user that it becomes, who owns its data; None where that is not known.
        scratch: The folders of the image that only root can write to, and that its program writes to.
    """

    capabilities: tuple[str, ...]
    user: int | None
    scratch: tuple[str, ...] = ()


#: The official images that a definition may run without a kind of their own.
_OFFICIAL = {
    "postgres": KnownImage(("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"), 999, ("/var/run/postgresql",)),
    "redis": KnownImage(("CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID"), 999),
    "nginx": KnownImage(
        ("CHOWN", "DAC_OVERRIDE", "NET_BIND_SERVICE", "SETGID", "SETUID"),
        101,
        ("/run", "/var/cache/nginx", "/var/lib/nginx"),
    ),
}


def known_image(workload: Workload) -> KnownImage | None:
    """What a workload's kind knows of its image, or what is known of a well-known one; None for any other."""
    name = ImageName.parse(workload.image) if workload.image is not None else None
    if workload.capabilities is not None:
        on_alpine = name is not None and "alpine" in name.tag and workload.alpine_user is not None
        user = workload.alpine_user if on_alpine else workload.image_user
        return KnownImage(workload.capabilities, user, workload.scratch_folders)
    if name is None:
        return None
    return _OFFICIAL.get(name.repository.removeprefix("docker.io/").removeprefix("library/"))
