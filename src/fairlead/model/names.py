"""The rules for names, and the forms a name takes elsewhere (design §3, "Fine print").

A resource keeps the name that the user wrote. Its *normal form* is the network alias locally and the name of the
Service in a cluster; its *variable form* is the prefix of the environment variables that a consumer sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from fairlead.digests import hex_digest

MAX_NAME = 64
_SHAPE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*", re.ASCII)
_VARIABLE = re.compile(r"[^\x00=]+")
_CONNECTION = r"(?a)[A-Za-z0-9._-]+"
_SCHEME = r"(?a)[A-Za-z][A-Za-z0-9+.-]*"
_IMAGE = re.compile(
    r"([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?/)?"  # a registry
    r"[a-z0-9]+([._/-]+[a-z0-9]+)*(:\w[\w.-]{0,127})?(@[a-z0-9]+([+._-][a-z0-9]+)*:[0-9a-fA-F]{32,})?",
    re.ASCII,
)
_PLATFORM = r"(?a)linux/(amd64|arm64|arm|386|ppc64le|s390x|riscv64|mips64le|loong64)(/v\d)?"
_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_LABEL_VALUE = r"([A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?)?"


def name_problem(name: object) -> str | None:
    """What is wrong with a resource's or endpoint's name, or None when it is a good one."""
    if not isinstance(name, str):
        return f"a name must be text, not {type(name).__name__}"
    if not name.strip():
        return "a name can't be blank"
    if len(name) > MAX_NAME:
        return f"the name {name[:20]}… has {len(name)} characters, and {MAX_NAME} is the most"
    if not _SHAPE.fullmatch(name):
        return f"{name!r} is not a valid name"
    return None


NAME_REMEDY = (
    "Use letters, digits, '-' and '_'; start with a letter, end with a letter or digit, "
    "and put no two separators in a row."
)


def variable_name_problem(name: object) -> str | None:
    """What is wrong with the name of an environment variable, or None when it can be one."""
    if not isinstance(name, str):
        return f"the name of an environment variable must be text, not {type(name).__name__}"
    if not name.strip():
        return "the name of an environment variable can't be blank"
    if not _VARIABLE.fullmatch(name):
        return f"{name!r} can't be the name of an environment variable, because it holds '=' or a zero byte"
    return None


def is_platform(text: str) -> bool:
    """Whether a text names what an image can be for, in the way of registries: ``linux/amd64``, ``linux/arm/v7``."""
    return re.fullmatch(_PLATFORM, text) is not None


PLATFORM_REMEDY = "Write it like 'linux/amd64' or 'linux/arm64'."


def derived_name(name: str, suffix: str) -> str:
    """The name of what comes along with a resource, such as its password; a long one is cut and told by a hash."""
    whole = f"{name}-{suffix}"
    if len(whole) <= MAX_NAME:
        return whole
    digest = hex_digest(name.encode())[:6]
    return f"{name[: MAX_NAME - len(suffix) - 8].rstrip('-_')}-{digest}-{suffix}"


def is_scheme(text: str) -> bool:
    """Whether it can stand before the colon of a URL (RFC 3986)."""
    return re.fullmatch(_SCHEME, text) is not None


def is_connection_name(text: str) -> bool:
    """Whether it can stand in names of variables (``ConnectionStrings__orders.v2``)."""
    return re.fullmatch(_CONNECTION, text) is not None


def is_image(text: str) -> bool:
    """Whether a text can name an image: ``[registry/]repository[:tag][@digest]``."""
    return _IMAGE.fullmatch(text) is not None


def normal_form(name: str) -> str:
    """The name as DNS takes it: lower case, hyphens for underscores."""
    return name.lower().replace("_", "-")


def variable_form(name: str) -> str:
    """The name as a prefix of environment variables: upper case, ``_`` for all that is not a letter or digit."""
    text = re.sub(r"[^A-Za-z0-9]", "_", name, flags=re.ASCII).upper()
    return f"_{text}" if text[:1].isdigit() else text


def is_subdomain(text: str) -> bool:
    """Whether it can be the name of an object in a cluster: words of lower-case letters, digits and hyphens by dots."""
    return len(text) <= 253 and re.fullmatch(_SUBDOMAIN, text) is not None


def is_label(text: str) -> bool:
    """Whether it is a label of DNS, as names of namespaces and Services are (Kubernetes, "Object Names and IDs")."""
    return re.fullmatch(_LABEL, text) is not None


def is_host(text: str) -> bool:
    """Whether it is the name of a host in a route, with a wildcard as its first word or without; no address."""
    return len(text) <= 253 and is_subdomain(text.removeprefix("*.")) and not re.fullmatch(r"[0-9.]+", text)


def is_label_value(text: str) -> bool:
    """Whether it can be the value of a label in a cluster, which may be empty."""
    return re.fullmatch(_LABEL_VALUE, text) is not None


def is_label_key(text: str) -> bool:
    """Whether it can be the key of a label in a cluster: a name, with a domain and a slash before it or without."""
    domain, slash, name = text.rpartition("/")
    return bool(name) and is_label_value(name) and (not slash or is_subdomain(domain))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, if one is near."""
    from difflib import get_close_matches  # for what has gone wrong

    found = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def with_article(noun: str) -> str:
    """A noun with the article that it takes: ``a Container``, ``an Executable``."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def listing(words: Iterable[str]) -> str:
    """Words for a message: ``'a', 'b'``, or ``none``."""
    return ", ".join(repr(word) for word in words) or "none"
