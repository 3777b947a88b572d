"""The Compose Specification's own schema, as a package on the registry carries it, and files that are valid by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
SCHEMA: Schema = json.loads(files("check_jsonschema.builtin_schemas.vendor").joinpath("compose-spec.json").read_text())
SERVICES = ("web", "api_server", "db.1", "worker")
VOLUMES = ("data", "cache.v2")
CONFIGS = ("settings", "rules")
SECRETS = ("password", "certificate")

_WORDS = st.text("abcdefghijklmnop", min_size=7, max_size=10)
_TEXTS = st.one_of(
    _WORDS,
    st.just(""),
    _WORDS.map(lambda word: f"{word} with 'quotes' and \"more\""),
    _WORDS.map(lambda word: f"${{{word.upper()}:-{word}}}"),
    _WORDS.map(lambda word: f"{word}-${{{word.upper()}:-x}}-$$HOME"),
    _WORDS.map(lambda word: f"é{word}\nsecond {{line}}\n"),
    _WORDS.map(lambda word: f"postgresql://user:{word}@db:5432/shop"),
)
_NUMBERS = st.integers(1, 60_000)
_SIZES = st.one_of(_NUMBERS.map(lambda number: f"{number}m"), _WORDS, _NUMBERS.map(str))
_TIMES = st.one_of(_NUMBERS.map(lambda number: f"{number}s"), st.just("1m30s"), st.just("1h"), _WORDS)
_PATHS = _WORDS.map(lambda word: f"/{word}")


def _one(*words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words)


#: Texts that make sense to Compose, by the key that has them; what is not here may be any text.
_LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "image": _WORDS.map(lambda word: f"registry.example.com/{word}:1"),
    "container_name": _WORDS,
    "restart": _one("no", "always", "on-failure:3", "unless-stopped", "sometimes"),
    "stop_signal": _one("SIGINT", "SIGUSR1", "TERM", "NOSIG"),
    "platform": _one("linux/amd64", "linux/arm64", "windows/amd64"),
    "pull_policy": _one("always", "never", "missing", "daily", "build", "if_not_present"),
    "user": st.one_of(_WORDS, _NUMBERS.map(str)),
    "working_dir": _PATHS,
    "hostname": _WORDS,
    "network_mode": _one("host", "bridge", "none", "service:web"),
    "condition": _one("service_started", "service_healthy", "service_completed_successfully"),
    "protocol": _one("tcp", "udp", "sctp"),
    "host_ip": _one("127.0.0.1", "0.0.0.0", "10.0.0.7"),
    "published": _NUMBERS.map(str),
    "context": _WORDS.map(lambda word: f"./{word}"),
    "dockerfile": _WORDS,
    **dict.fromkeys(("mem_limit", "mem_reservation", "memswap_limit", "shm_size", "size", "memory"), _SIZES),
    **dict.fromkeys(
        ("interval", "timeout", "start_period", "start_interval", "stop_grace_period", "delay", "window"), _TIMES
    ),
    **dict.fromkeys(("cpus", "pids", "retries", "replicas", "scale", "soft", "hard"), _NUMBERS.map(str)),
    **dict.fromkeys(("target", "source"), _PATHS),
    "cap_add": _one("SYS_PTRACE", "NET_ADMIN", "NOTHING"),
    "cap_drop": _one("ALL", "CHOWN"),
}
_PORTS = st.one_of(
    _NUMBERS.map(str),
    st.tuples(_NUMBERS, _NUMBERS).map(lambda pair: f"{pair[0]}:{pair[1]}"),
    st.tuples(_NUMBERS, _NUMBERS).map(lambda pair: f"127.0.0.1:{pair[0]}:{pair[1]}/udp"),
    st.tuples(_WORDS, _NUMBERS, _NUMBERS).map(lambda trio: f"${{{trio[0].upper()}:-{trio[1]}}}:{trio[2]}"),
    _one("3000-3002:4000-4002", "6060:6060/sctp"),
    _WORDS,
    st.just(""),
)
_MOUNTS = st.one_of(
    st.tuples(_one(*VOLUMES), _PATHS, _one("", ":ro", ":z")).map(lambda trio: f"{trio[0]}:{trio[1]}{trio[2]}"),
    st.tuples(_WORDS, _PATHS).map(lambda pair: f"./{pair[0]}:{pair[1]}"),
    st.tuples(_WORDS, _PATHS).map(lambda pair: f"${{{pair[0].upper()}:-./{pair[0]}}}:{pair[1]}:ro"),
    _PATHS,
)


def compose_files() -> st.SearchStrategy[dict[str, Any]]:
    """Files that are valid by the schema, and whose services, volumes, configs and secrets are there."""
    return st.composite(_file)()


def _file(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(SERVICES), min_size=1, max_size=3, unique=True))
    found: dict[str, Any] = {"services": {}}
    for number, name in enumerate(names):
        found["services"][name] = _service(draw, names[:number])
    if draw(st.booleans()):
        job = _service(draw, names, "job")
        found["jobs"] = {"tidy": {"triggers": draw(_values(KNOWN["job"]["triggers"], "triggers")), **job}}
    for key, known in (("volumes", VOLUMES), ("configs", CONFIGS), ("secrets", SECRETS)):
        definition = SCHEMA["$defs"][key[:-1]]
        found[key] = {name: draw(_values(definition, key)) for name in known}
    for key in ("networks", "models"):
        if draw(st.booleans()):
            found[key] = {draw(_WORDS): draw(_values(SCHEMA["$defs"][key[:-1]], key))}
    for key in ("version", "name"):
        if draw(st.booleans()):
            found[key] = draw(_WORDS)
    return found


def properties_of(name: str) -> Schema:
    """What a service or a job may have, with what it has in common with others."""
    common = (SCHEMA["$defs"][part["$ref"].rpartition("/")[2]] for part in SCHEMA["$defs"][name].get("allOf", ()))
    return {key: inner for part in (*common, SCHEMA["$defs"][name]) for key, inner in part["properties"].items()}


KNOWN = {name: properties_of(name) for name in ("service", "job")}


def _service(draw: st.DrawFn, before: list[str], name: str = "service") -> dict[str, Any]:
    """A service with some of all keys; it needs only those before it, so nothing waits in a circle."""
    known = KNOWN[name]
    keys = draw(st.lists(st.sampled_from(sorted(known.keys() - {"extends"})), max_size=6, unique=True))
    service: dict[str, Any] = {}
    for key in keys:
        service[key] = _of_service(draw, key, known[key], before)
    if not service.keys() & {"image", "build"}:
        service["image"] = draw(_LIKELY["image"])
    return service


def _of_service(draw: st.DrawFn, key: str, schema: Schema, before: list[str]) -> Any:
    if key == "depends_on":
        needed = draw(st.lists(st.sampled_from(before), unique=True)) if before else []
        condition = draw(_LIKELY["condition"])
        return draw(st.sampled_from([needed, {name: {"condition": condition, "required": True} for name in needed}]))
    if key in ("configs", "secrets"):
        source = st.sampled_from(CONFIGS if key == "configs" else SECRETS)
        long = st.fixed_dictionaries({"source": source, "target": _PATHS}, optional={"mode": st.just(0o440)})
        return draw(st.lists(st.one_of(source, long), max_size=2, unique_by=repr))
    if key == "volumes":
        return draw(st.lists(st.one_of(_MOUNTS, _long_mounts()), max_size=3, unique_by=repr))
    if key == "ports":
        item = schema["items"]["oneOf"][2]
        long = _values(item, key).filter(lambda port: "target" in port)
        return draw(st.lists(st.one_of(_PORTS, _NUMBERS, long), max_size=3, unique_by=repr))
    if key == "links":
        return draw(st.lists(st.sampled_from(before), unique=True)) if before else []
    return draw(_values(schema, key))


def _long_mounts() -> st.SearchStrategy[dict[str, Any]]:
    item = KNOWN["service"]["volumes"]["items"]["oneOf"][1]

    def completed(mount: dict[str, Any]) -> dict[str, Any]:
        return mount | ({"source": "data"} if mount["type"] == "volume" and "source" in mount else {})

    return _values(item, "volumes").map(completed)


_MADE: dict[tuple[int, str], st.SearchStrategy[Any]] = {}


def _values(schema: Schema, key: str) -> st.SearchStrategy[Any]:
    """What a schema allows; the key that has it says which texts are likely. Made once, as that takes a while."""
    known = _MADE.get((id(schema), key))
    if known is None:
        known = _MADE[id(schema), key] = _new_values(schema, key)
    return known


def _new_values(schema: Schema, key: str) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _values(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], key)
    if "oneOf" in schema:
        return st.one_of(*(_values(choice, key) for choice in schema["oneOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of(*(_of_kind(kind, schema, key) for kind in kinds))


def _of_kind(kind: str, schema: Schema, key: str) -> st.SearchStrategy[Any]:
    if kind == "object":
        return st.deferred(lambda: _objects(schema))
    if kind == "array":
        unique = repr if schema.get("uniqueItems") else None
        return st.lists(_values(schema["items"], key), max_size=3, unique_by=unique)
    if kind in ("integer", "number"):
        return st.integers(schema.get("minimum", 0), schema.get("maximum", 70_000))
    return {"boolean": st.booleans(), "null": st.none(), "string": _LIKELY.get(key, _TEXTS)}[kind]


def _objects(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    known = {key: inner for part in schema.get("allOf", ()) for key, inner in _properties(part).items()}
    known |= schema.get("properties", {})
    required = {name: _values(known[name], name) for name in schema.get("required", ())}
    optional = {name: _values(known[name], name) for name in known if name not in required}
    named = [inner for pattern, inner in schema.get("patternProperties", {}).items() if pattern != "^x-"]
    fixed = st.fixed_dictionaries(required, optional=optional)
    if not named:
        return fixed
    return st.dictionaries(_WORDS, _values(named[0], ""), max_size=2)


def _properties(part: Schema) -> Schema:
    properties: Schema = SCHEMA["$defs"][part["$ref"].rpartition("/")[2]]["properties"]
    return properties


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """All plain values of a file, with their paths; empty lists and mappings have none."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield from leaves(child, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from leaves(child, f"{path}[{number}]")
    else:
        yield path, value


def specification_keys() -> Iterator[str]:
    """The keys of a file, of its services and jobs, and of what is directly below each, with a dot."""
    yield from SCHEMA["properties"]
    for key, inner in SCHEMA["properties"].items():
        if key not in ("services", "jobs"):
            yield from (f"{key}.{child}" for child in _keys_of(inner))
    for name in ("service", "job"):
        for key, inner in KNOWN[name].items():
            yield key
            yield from (f"{key}.{child}" for child in _keys_of(inner))


def _keys_of(schema: Schema) -> Iterator[str]:
    """The keys that something may have, in any of its forms and in those of its entries."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    yield from schema.get("properties", ())
    entries = [inner for pattern, inner in schema.get("patternProperties", {}).items() if pattern != "^x-"]
    items = [schema["items"]] if "items" in schema else []
    for inner in (*schema.get("allOf", ()), *schema.get("oneOf", ()), *items, *entries):
        yield from _keys_of(inner)
