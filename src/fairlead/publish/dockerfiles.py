"""Dockerfiles for programs that have none: their dependencies as locked, no more rights than they need, small."""

from __future__ import annotations

import json
import shlex
import tomllib
from typing import Any

from fairlead.model.workload import Workload
from fairlead.publish.diagnostics import Report
from fairlead.publish.ports import plan_ports
from fairlead.publish.process import image_command
from fairlead.publish.security import USER
from fairlead.publish.sources import SourceError, Sources
from fairlead.resources.executable import Executable
from fairlead.resources.node import NodeApp, ViteApp
from fairlead.resources.python import PythonApp, UvicornApp

_WHEELS = "wheels"
_WEB_SERVER = "nginx:1.28-alpine"
# On one line, because a RUN is; without root it can write to /tmp only, and a page routes its own paths.
_WEB_SERVER_CONFIG = (
    "pid /tmp/nginx.pid; error_log /dev/stderr; events {} http { include mime.types; access_log off; "
    "client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi; "
    "uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi; "
    "server { listen %d; root /srv; location / { try_files $uri $uri/ /index.html; } } }"
)
_NODE_INSTALLS = {
    "package-lock.json": "npm ci",
    "pnpm-lock.yaml": "corepack enable && pnpm install --frozen-lockfile",
    "yarn.lock": "corepack enable && yarn install --frozen-lockfile",
}


def can_generate(workload: Workload) -> bool:
    """Whether there is a Dockerfile for a program of this kind."""
    return isinstance(workload, (PythonApp, NodeApp))


def dockerfile(workload: Executable, sources: Sources, report: Report) -> str:
    """The Dockerfile of a program.

    Args:
        workload: A program for which :func:`can_generate` holds.
        sources: Tells which files its folder has.
        report: Where it is said that dependencies are not locked.
    """
    if isinstance(workload, PythonApp):
        steps = _python(workload, sources, report)
    elif isinstance(workload, ViteApp):
        steps = _vite(workload, sources, report)
    else:
        steps = _node(workload, sources, report)
    return "\n".join([f"# The image of {workload.name}, made by Fairlead. It is built in {workload.cwd}.", *steps, ""])


def _python(workload: PythonApp, sources: Sources, report: Report) -> list[str]:
    has_wheels = sources.is_folder(f"{workload.cwd}/{_WHEELS}")
    options = f" --no-index --find-links /{_WHEELS}" if has_wheels else ""
    install = f"RUN /venv/bin/pip install --no-cache-dir{options}"
    steps = [
        *_first_stage(workload),
        "RUN python -m venv /venv",
        *([f"# All packages come from this folder.\nCOPY {_WHEELS}/ /{_WHEELS}/"] if has_wheels else []),
        *_python_dependencies(workload, sources, report, install, options),
        "COPY . .",
        *([f"RUN rm -rf {_WHEELS}"] if has_wheels else []),
    ]
    if _is_package(workload, sources):
        steps.append(f"{install} --no-deps .")
    return [
        *steps,
        "",
        "FROM ${BASE_IMAGE}",
        "ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp",
        "WORKDIR /app",
        "COPY --from=build /venv /venv",
        *_last_steps(workload),
    ]


def _python_dependencies(
    workload: PythonApp, sources: Sources, report: Report, install: str, options: str
) -> list[str]:
    def has(name: str) -> bool:
        return sources.exists(f"{workload.cwd}/{name}")

    if has("requirements.txt"):
        return ["COPY requirements.txt /tmp/", f"{install} -r /tmp/requirements.txt"]
    if has("uv.lock"):
        return [
            "COPY pyproject.toml uv.lock ./",
            f"RUN python -m venv /uv && /uv/bin/pip install --no-cache-dir{options} uv \\",
            " && /uv/bin/uv export --quiet --frozen --no-dev --no-emit-project --output-file /tmp/requirements.txt",
            f"{install} -r /tmp/requirements.txt",
        ]
    if has("pyproject.toml"):
        _warn_unlocked(workload, report, "requirements.txt or uv.lock")
        return ["COPY . .", f"{install} ."]
    if isinstance(workload, UvicornApp):
        report.warn(
            workload,
            f"its folder {workload.cwd} says nowhere what it needs, so its image would have no uvicorn",
            "Put a requirements.txt there, or name an image: with_image(…).",
        )
    return []


def _is_package(workload: PythonApp, sources: Sources) -> bool:
    """Whether the folder is a project that is to be installed, not only a folder of modules."""
    if not sources.exists(f"{workload.cwd}/pyproject.toml"):
        return False
    try:
        project: dict[str, Any] = tomllib.loads(sources.file(f"{workload.cwd}/pyproject.toml").decode())
    except (SourceError, ValueError):
        return False
    return "build-system" in project


def _node(workload: Executable, sources: Sources, report: Report) -> list[str]:
    return [
        *_first_stage(workload),
        *_node_packages(workload, sources, report),
        "COPY . .",
        *(["RUN npm run build --if-present"] if sources.exists(f"{workload.cwd}/package.json") else []),
        "",
        "FROM ${BASE_IMAGE}",
        "ENV NODE_ENV=production HOME=/tmp",
        "WORKDIR /app",
        *_last_steps(workload),
    ]


def _vite(workload: ViteApp, sources: Sources, report: Report) -> list[str]:
    """The built page behind nginx; Vite's own server is for development."""
    if workload.references or workload.environment or workload.env_files:
        report.warn(
            workload,
            "its variables are read by Vite's development server, and the built page has none",
            "Let the page ask for its own host, and send the paths of others there by an Ingress.",
        )
    port = plan_ports(workload)["http"].number
    return [
        *_first_stage(workload),
        *_node_packages(workload, sources, report),
        "COPY . .",
        "RUN npm run build",
        "",
        f"FROM {_WEB_SERVER}",
        f"RUN printf '%s' {shlex.quote(_WEB_SERVER_CONFIG % port)} > /etc/nginx/nginx.conf",
        "COPY --from=build /app/dist /srv",
        f"USER {USER}:{USER}",
        'ENTRYPOINT ["nginx", "-g", "daemon off;"]',
    ]


def _node_packages(workload: Executable, sources: Sources, report: Report) -> list[str]:
    def has(name: str) -> bool:
        return sources.exists(f"{workload.cwd}/{name}")

    lock = next((name for name in _NODE_INSTALLS if has(name)), None)
    if lock is not None:
        return [f"COPY package.json {lock} ./", f"RUN {_NODE_INSTALLS[lock]}"]
    if has("package.json"):
        _warn_unlocked(workload, report, "package-lock.json")
        return ["COPY package.json ./", "RUN npm install"]
    return []


def _warn_unlocked(workload: Workload, report: Report, lock: str) -> None:
    report.warn(
        workload,
        "its image gets whatever versions there are when it is built, because nothing locks its dependencies",
        f"Put {lock} into its folder.",
    )


def _first_stage(workload: Executable) -> list[str]:
    base = workload.base_image or workload.default_base_image
    return [f"ARG BASE_IMAGE={base}", "", "FROM ${BASE_IMAGE} AS build", "WORKDIR /app"]


def _last_steps(workload: Executable) -> list[str]:
    return [
        "COPY --from=build /app /app",
        f"USER {USER}:{USER}",
        f"CMD {json.dumps(image_command(workload), ensure_ascii=False)}",
    ]
