"""Images that are known to begin as root: what their entrypoints need as root, and as any other user."""

from __future__ import annotations

from typing import NamedTuple

from fairlead.publish.images.image_names import ImageName


class KnownImage(NamedTuple):
    """An image that begins as root and then becomes another user, or is run as that one from the beginning.

    Args:
        capabilities: What its entrypoint needs to give up being root.
        user: The user that its program has in the end, who is the owner of its data.
        scratch: The folders that only root can write to in the image, and that its program writes to.
        data_variable: The variable that says which folder its data is in, where the program has to be the owner of it.
    """

    capabilities: tuple[str, ...]
    user: int
    scratch: tuple[str, ...]
    data_variable: str | None = None


_BY_NAME = {
    "postgres": KnownImage(
        ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"), 999, ("/var/run/postgresql",), "PGDATA"
    ),
    "redis": KnownImage(("CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID"), 999, ()),
    "nginx": KnownImage(
        ("CHOWN", "DAC_OVERRIDE", "NET_BIND_SERVICE", "SETGID", "SETUID"),
        101,
        ("/run", "/var/cache/nginx", "/var/lib/nginx"),
    ),
}
#: The user of an image that is built on Alpine, where it is another.
_ON_ALPINE = {"postgres": 70}


def known_image(kind: str | None, image: str | None) -> KnownImage | None:
    """What is known of an image; None for one that is not known.

    Args:
        kind: The official image that it stands for, whatever its name is.
        image: The image's name.
    """
    name = ImageName.parse(image) if image is not None else None
    official = kind or (name.repository.removeprefix("docker.io/").removeprefix("library/") if name else "")
    found = _BY_NAME.get(official)
    if found is not None and name is not None and "alpine" in name.tag:
        return found._replace(user=_ON_ALPINE.get(official, found.user))
    return found
