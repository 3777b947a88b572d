"""One-off jobs that run the program of another resource: what they take over from it."""

from __future__ import annotations

from typing import Any

from fairlead.model.kubernetes.workload_options import Account
from fairlead.model.locations import located_at
from fairlead.model.names import normal_form
from fairlead.model.programs.program import JobProgram
from fairlead.model.programs.workload import Workload
from fairlead.model.volume import BindMount, VolumeMount
from fairlead.records import record_fields, replaced

#: What belongs to a program and not to the jobs that run it: where it is, whom it serves, how it is kept running.
_NOT_TAKEN_OVER = frozenset(
    {
        "arguments",
        "autoscaling",
        "before_start_hooks",
        "build",
        "children",
        "command",
        "command_name",
        "commands",
        "container_id",
        "customizations",
        "cwd",
        "disruption_budget",
        "display_parent",
        "endpoints",
        "excluded_from_manifest",
        "explicit_start",
        "external_http",
        "groups",
        "health_checks",
        "icon",
        "is_job",
        "job_of",
        "lifetime",
        "max_restarts",
        "module",
        "name",
        "parent",
        "pod_monitors",
        "publish_as",
        "ready_hooks",
        "replicas",
        "restart",
        "run_script",
        "schedule",
        "script",
        "stdin",
        "stop_group",
        "stopped_hooks",
        "urls",
        "waits",
        "watches",
        "where",
        "workload_kind",
    }
)
#: What a program says of its image.
_OF_IMAGE = ("image", "built_image", "image_tag", "image_registry", "platform", "base_image")
_UNSET = object()


def job_of(program: Workload, name: str, instead: JobProgram) -> Workload:
    """Make a job that runs the program of another resource, or another program in its place.

    It gets what that one is given: variables, references, files, volumes, image, waits. :func:`complete_job` sees to
    that when all is described.

    Args:
        program: The other resource.
        name: The job's name.
        instead: What to run in place of its own program.
    """
    job = program._new_job(name, instead).as_job()
    job.job_of = program
    # What it is told to run in place of its program's command is its own, whatever entrypoint the program has.
    own = {"entrypoint"} if instead != JobProgram() else set()
    job._defaults = {attribute: value for attribute, value in vars(job).items() if attribute not in own}
    return job


def image_program(workload: Workload) -> Workload:
    """The program whose image a workload runs: of a job its program, unless it says something else of its image."""
    program = workload.job_of
    if program is None or any(getattr(workload, name, None) != getattr(program, name, None) for name in _OF_IMAGE):
        return workload
    return image_program(program)


def complete_job(job: Workload) -> None:
    """Give a job what its program was given; what the job was given itself wins."""
    program = job.job_of
    assert program is not None
    with located_at(job.where):
        for name in vars(program):
            if name in vars(job) and name[0] != "_" and name not in _NOT_TAKEN_OVER:
                setattr(job, name, _taken_over(job, program, name))
        job.waits = [*(wait for wait in program.waits if wait.target is not job), *job.waits]


def _taken_over(job: Workload, program: Workload, name: str) -> Any:
    """The value of an attribute that a program and its job both have a say in."""
    value, own = getattr(program, name), getattr(job, name)
    if isinstance(value, Account):
        return Account(value.name or normal_form(program.name), create=False) if own is None else own
    if isinstance(value, list) and isinstance(own, list):
        return [*(entry for entry in value if not _is_covered(job, entry)), *own]
    if isinstance(value, dict) and isinstance(own, dict):
        return {**value, **own}
    default = job._defaults.get(name, _UNSET)
    if type(default) is type(value) and record_fields(type(value)):
        return _merged_record(value, own, default)
    return value if own == default else own


def _merged_record(value: Any, own: Any, default: Any) -> Any:
    """A record of settings with those that a job was given itself; the host name is never that of its program."""
    given = {name: getattr(own, name) for name in record_fields(type(own))}
    changed = {name: setting for name, setting in given.items() if setting != getattr(default, name)}
    return replaced(value, **({"host_name": default.host_name} if "host_name" in given else {}) | changed)


def _is_covered(job: Workload, entry: object) -> bool:
    """Whether it is a mount where the job has one of its own."""
    return isinstance(entry, (VolumeMount, BindMount)) and entry.target.rstrip("/") in job._mounted_paths()
