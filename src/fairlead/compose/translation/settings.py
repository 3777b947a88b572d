"""Settings of a container: those with a call of their own, with an option of ``docker run``, and without either."""

from __future__ import annotations

import re

from fairlead.compose.reading.tree import Entries, Items, Scalar
from fairlead.compose.translation.amounts import quantity, seconds, size_in_bytes, whole
from fairlead.compose.translation.plans import ServicePlan
from fairlead.compose.translation.section import Section
from fairlead.compose.writing.expressions import Call, Expression, listed, literal
from fairlead.container_options import option_problem

#: Keys whose text is the only argument of a call.
_TEXTS = {
    "user": "with_user",
    "working_dir": "with_working_directory",
    "stop_signal": "with_stop_signal",
    "hostname": "with_host_name",
    "platform": "with_platform",
}
#: Keys that are true or not.
_FLAGS = {"init": "with_init", "privileged": "with_privileged", "read_only": "with_read_only_root"}
#: Keys with an option of ``docker run``, which a cluster takes no notice of.
_OPTIONS = {
    "cgroup": "cgroupns",
    "cgroup_parent": "cgroup-parent",
    "cpu_period": "cpu-period",
    "cpu_quota": "cpu-quota",
    "cpu_shares": "cpu-shares",
    "cpuset": "cpuset-cpus",
    "device_cgroup_rules": "device-cgroup-rule",
    "dns": "dns",
    "dns_opt": "dns-option",
    "dns_search": "dns-search",
    "domainname": "domainname",
    "group_add": "group-add",
    "mac_address": "mac-address",
    "mem_swappiness": "memory-swappiness",
    "memswap_limit": "memory-swap",
    "oom_kill_disable": "oom-kill-disable",
    "oom_score_adj": "oom-score-adj",
    "pids_limit": "pids-limit",
    "runtime": "runtime",
    "security_opt": "security-opt",
    "tty": "tty",
    "userns_mode": "userns",
    "uts": "uts",
}
_ELSEWHERE = "a setting of Windows or of the system's scheduler has no counterpart"
_LOST = {
    "cpu_count": _ELSEWHERE,
    "cpu_percent": _ELSEWHERE,
    "cpu_rt_period": _ELSEWHERE,
    "cpu_rt_runtime": _ELSEWHERE,
    "credential_spec": _ELSEWHERE,
    "isolation": _ELSEWHERE,
    "storage_opt": "the engine keeps files of containers in its own way",
    "stdin_open": "nobody types into it; fairlead exec runs a command in it",
    "external_links": "it is no part of the app; add_external_service() tells its address",
    "volumes_from": "name each volume: with_volume()",
    "use_api_socket": "mount the engine's socket by name, if it has to be: with_bind_mount()",
    "pull_refresh_after": "an image is pulled always, when it is missing, or never",
    "provider": "something outside of Compose makes it; add_external_service() tells its address",
    "models": "models are no resources; add_external_service() tells the address of a server",
    "umask": "a program sets it itself",
    "pre_start": "add a container of its own, and wait for its completion: wait_for_completion()",
    "post_start": "a resource runs one program; on_ready() calls a function",
    "pre_stop": "a resource gets its stop signal; on_stopped() calls a function",
    "label_file": "labels stand in the app file: with_label()",
}
_PULL = {"always": "always", "missing": "missing", "if_not_present": "missing", "never": "never"}


def add_settings(plan: ServicePlan) -> None:
    """Give a service the settings of its container."""
    for key, method in _TEXTS.items():
        node = plan.section.scalar(key)
        if key == "hostname" and node is not None and plan.section.desk.peek(node) == plan.name:
            plan.section.unneeded(key, "a container has the name of its resource as its host name")
            continue
        if node is not None and (node.text or node.kind != "text"):
            plan.call(method, plan.section.desk.fixed(node), origin=plan.section.at(key), key=key)
    for key, method in _FLAGS.items():
        if plan.section.flag(key):
            plan.call(method, origin=plan.section.at(key), key=key)
    _add_stopping(plan)
    _add_capabilities(plan)
    _add_named_limits(plan)
    _add_devices(plan)
    _add_hosts(plan)
    _add_logging(plan)
    _add_sharing(plan)
    _add_block_io(plan)
    for key, option in _OPTIONS.items():
        _add_option(plan, key, option)
    for key, reason in _LOST.items():
        plan.section.lost(key, reason)
    plan.section.unneeded("attach", "logs of all resources are shown; fairlead logs NAME shows those of some")


def _add_stopping(plan: ServicePlan) -> None:
    section = plan.section
    text = section.text("stop_grace_period")
    if text is not None:
        time = seconds(text)
        if time is None:
            section.lost("stop_grace_period", f"{text!r} is no duration")
        elif time > 0:
            plan.call(
                "with_stop_timeout", literal(time), origin=section.at("stop_grace_period"), key="stop_grace_period"
            )
        else:
            section.lost("stop_grace_period", "a program has some time to stop; 0.1 seconds are the least")
    policy = section.text("pull_policy")
    if policy is not None:
        if policy in _PULL:
            plan.call("with_pull_policy", literal(_PULL[policy]), origin=section.at("pull_policy"), key="pull_policy")
        elif policy == "build":
            section.unneeded("pull_policy", "what has a Dockerfile is built")
        else:
            section.lost("pull_policy", f"{policy!r}: an image is pulled always, when it is missing, or never")


def _add_capabilities(plan: ServicePlan) -> None:
    section = plan.section
    for key, keyword in (("cap_add", "add"), ("cap_drop", "drop")):
        for path, node in section.texts(key):
            names = listed([section.desk.fixed(node)])
            call = Call("with_capabilities", (), ((keyword, names),), path, section.shared(key))
            plan.calls.append(call)


def _add_named_limits(plan: ServicePlan) -> None:
    section = plan.section
    for pair in section.pairs("sysctls"):
        value = section.desk.fixed(pair.node)
        plan.call("with_sysctl", literal(pair.name), value, origin=pair.path, key="sysctls")
    limits = section.section("ulimits")
    for name in list(limits.node.entries) if limits is not None else ():
        assert limits is not None
        numbers = _ulimit(limits, name)
        if numbers is not None:
            plan.call("with_ulimit", literal(name), *numbers, origin=limits.at(name), key="ulimits")
    size = section.text("shm_size")
    if size is not None:
        _add_size(plan, "shm_size", "with_shm_size", size)


def _ulimit(limits: Section, name: str) -> list[Expression] | None:
    """The soft limit, and the hard one where it is another."""
    node = limits.take(name)
    if isinstance(node, Items):
        limits.desk.mistakes.wrong_kind(limits.at(name), node, "a number, or a mapping with 'soft' and 'hard'")
        return None
    if isinstance(node, Entries):
        both = Section(node, limits.at(name), limits.desk)
        soft, hard = both.number("soft"), both.number("hard")
        both.close()
        if soft is None:
            return None
        return [literal(soft)] if hard is None or hard == soft else [literal(soft), literal(hard)]
    number = limits.number(name)
    return None if number is None else [literal(number)]


def _add_size(plan: ServicePlan, key: str, method: str, size: str) -> None:
    if size_in_bytes(size) is None:
        plan.section.lost(key, f"{size!r} is no size")
    else:
        amount = whole(size)
        plan.call(method, literal(size if amount is None else amount), origin=plan.section.at(key), key=key)


def _add_devices(plan: ServicePlan) -> None:
    section = plan.section
    for path, node in section.items("devices"):
        if isinstance(node, Entries):
            long = Section(node, path, section.desk)
            words = [long.text("source") or "", long.text("target") or "", long.text("permissions") or ""]
            long.close()
        elif isinstance(node, Scalar):
            words = [*section.desk.plain(node, path).split(":"), "", ""][:3]
        else:
            section.desk.mistakes.wrong_kind(path, node, "a path, or a mapping with 'source'")
            continue
        source, target, rights = words
        if not source.startswith("/"):
            section.desk.report.lost(path, node.place, f"{source!r} is no device of this machine")
            continue
        positional = [literal(source), *([literal(target)] if target and target != source else [])]
        keywords = {"permissions": literal(rights)} if rights and rights != "rwm" else {}
        plan.call("with_device", *positional, origin=path, key="devices", **keywords)
    _add_gpus(plan, section)


def _add_gpus(plan: ServicePlan, section: Section) -> None:
    """``gpus: all``, or a list of devices."""
    node = section.take("gpus")
    if isinstance(node, Scalar):
        word = section.desk.plain(node, section.at("gpus"))
        count = literal(whole(word) if whole(word) is not None else word)
        plan.call("with_gpus", count, origin=section.at("gpus"), key="gpus")
    elif isinstance(node, Items):
        for number, item in enumerate(node.items):
            if isinstance(item, Entries):
                add_gpu_request(plan, Section(item, f"{section.at('gpus')}[{number}]", section.desk))
    elif node is not None:
        section.desk.mistakes.wrong_kind(section.at("gpus"), node, "'all', or a list of mappings")


def add_gpu_request(plan: ServicePlan, request: Section) -> None:
    """Give a service the GPUs that one request for devices is for."""
    words = [request.desk.peek(node) for _, node in request.texts("capabilities")]
    count = request.text("count")
    driver = request.text("driver")
    ids = request.texts("device_ids")
    request.lost("options", "a GPU has no options")
    request.close()
    if driver not in (None, "nvidia") or not {"gpu", "nvidia"} & {*words, driver}:
        request.desk.report.lost(
            request.path, request.node.place, "GPUs of NVIDIA are the devices that can be asked for"
        )
        return
    if ids:
        request.lost("device_ids", "a number of GPUs can be asked for, not certain ones")
    amount = "all" if count in (None, "all", "-1") and not ids else whole(count or str(len(ids)))
    if amount is None:
        request.lost("count", f"{count!r} is no number")
        return
    plan.call("with_gpus", literal(amount), origin=request.path)


def _add_hosts(plan: ServicePlan) -> None:
    section = plan.section
    node = section.take("extra_hosts")
    if isinstance(node, Entries):
        for name, child in node.entries.items():
            path = f"{section.at('extra_hosts')}.{name}"
            for address in child.items if isinstance(child, Items) else [child]:
                if isinstance(address, Scalar):
                    _add_host(plan, path, address, name, section.desk.plain(address, path))
    elif isinstance(node, Items):
        for number, item in enumerate(node.items):
            if isinstance(item, Scalar):
                path = f"{section.at('extra_hosts')}[{number}]"
                found = re.match(r"([^:=]*)[:=](.*)", section.desk.plain(item, path))
                _add_host(plan, path, item, found[1] if found else "", found[2] if found else item.text)
    elif node is not None:
        section.desk.mistakes.wrong_kind(section.at("extra_hosts"), node, "a mapping, or a list of NAME=ADDRESS")


def _add_host(plan: ServicePlan, path: str, node: Scalar, name: str, address: str) -> None:
    if name == "host.docker.internal" and address == "host-gateway":
        reason = "each container knows this machine under that name"
        plan.section.desk.report.unneeded(path, node.place, reason)
    else:
        plan.call("with_extra_host", literal(name), literal(address), origin=path, key="extra_hosts")


def _add_logging(plan: ServicePlan) -> None:
    logging = plan.section.section("logging")
    if logging is None:
        return
    driver = logging.scalar("driver")
    keywords: dict[str, Expression] = {}
    for pair in logging.pairs("options"):
        option = pair.name.replace("-", "_")
        if option.isidentifier() and option.isascii() and pair.node.kind != "null" and "_" not in pair.name:
            keywords[option] = literal(logging.desk.plain(pair.node, pair.path))
        else:
            logging.desk.report.lost(pair.path, pair.node.place, "no option of a log is called so, or it has no value")
    logging.close()
    positional = [] if driver is None else [logging.desk.fixed(driver)]
    if positional or keywords:
        plan.call("with_log_options", *positional, origin=logging.path, key="logging", **keywords)


def _add_sharing(plan: ServicePlan) -> None:
    """Namespaces that may be shared with this machine, and not with another container."""
    section = plan.section
    for key in ("ipc", "pid"):
        text = section.text(key)
        if text is None:
            continue
        if text.startswith(("service:", "container:")):
            section.lost(key, "containers of an app share their network only")
        else:
            _put_option(plan, key, f"--{key}={text}", section.at(key), section.place(key))
    _add_labels(plan)


def _add_labels(plan: ServicePlan) -> None:
    """Labels, but for those by which Traefik finds its routes."""
    section = plan.section
    for pair in section.pairs("labels"):
        if not pair.name.startswith("traefik."):
            value = section.desk.fixed(pair.node)
            call = Call(
                "with_label", (literal(pair.name), value), (), pair.path, pair.shared or section.shared("labels")
            )
            plan.calls.append(call)
    for pair in section.pairs("annotations"):
        value = section.desk.fixed(pair.node)
        plan.call("with_pod_annotation", literal(pair.name), value, origin=pair.path, key="annotations")
        reason = "it is an annotation of its pods; engines of a run get none"
        section.desk.report.changed(pair.path, pair.node.place, reason)


def _add_block_io(plan: ServicePlan) -> None:
    limits = plan.section.section("blkio_config")
    if limits is None:
        return
    weight = limits.text("weight")
    if weight is not None:
        _put_option(plan, "blkio_config", f"--blkio-weight={weight}", limits.at("weight"), limits.place("weight"))
    for key in ("weight_device", "device_read_bps", "device_read_iops", "device_write_bps", "device_write_iops"):
        limits.lost(key, "devices have no limits of their own")
    limits.close()


def _add_option(plan: ServicePlan, key: str, option: str) -> None:
    """Options of ``docker run``, one for each text."""
    section = plan.section
    node = section.node.entries.get(key)
    if isinstance(node, Scalar) and node.kind == "flag":
        if section.flag(key):
            _put_option(plan, key, f"--{option}", section.at(key), section.place(key))
        return
    for path, text in section.texts(key):
        written = section.desk.plain(text, path)
        if key in ("memswap_limit",) and written != "-1" and quantity(written) is None:
            section.desk.report.lost(path, text.place, f"{written!r} is no size")
        else:
            _put_option(plan, key, f"--{option}={written}", path, text.place)


def _put_option(plan: ServicePlan, key: str, option: str, path: str, place: object) -> None:
    problem = option_problem(option)
    if problem is not None:
        plan.section.desk.report.lost(path, plan.section.node.place, problem.message)
        return
    plan.call("with_container_runtime_args", literal(option), origin=path, key=key)
    plan.section.desk.report.changed(path, plan.section.node.place, "it is an option of docker run; a cluster has none")
