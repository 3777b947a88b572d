"""Dockerfiles for Node programs, and for pages that Vite builds."""

from __future__ import annotations

import shlex

from fairlead.errors import StartError
from fairlead.model.endpoints.endpoint import has_public_address
from fairlead.model.names import listing
from fairlead.model.programs.image import Image
from fairlead.model.values.value import Value
from fairlead.projects.folder import ProjectFolder
from fairlead.projects.node import NodeManager, lock_file, manager_of_lock
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.ports import plan_ports
from fairlead.publish.cluster_kind import GeneratedDockerfile
from fairlead.publish.images.dockerfile_steps import first_stage, last_stage, warn_unlocked
from fairlead.publish.images.image_names import USER
from fairlead.publish.images.image_project import ImageProject, image_project
from fairlead.publish.images.image_subject import ImageSubject, program_subject, shared_subject
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.resources.node import NodeApp, ViteApp

_WEB_SERVER = "nginx:1.28-alpine"
# On one line, because a RUN is; without root it can write to /tmp only, and a page routes its own paths.
_WEB_SERVER_CONFIG = (
    "pid /tmp/nginx.pid; error_log /dev/stderr; events {} http { include mime.types; access_log off; "
    "client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi; "
    "uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi; "
    "server { listen %d; root /srv; location / { try_files $uri $uri/ /index.html; } } }"
)
#: How the image of Node gets a manager; it has npm.
_OBTAINED = {"pnpm": "corepack enable && ", "yarn": "corepack enable && ", "bun": "npm install -g bun && "}


def node_image_dockerfile(image: Image, sources: ProjectFiles, report: Report) -> GeneratedDockerfile:
    """The Dockerfile of an image that the programs of a Node project share.

    Args:
        image: The image.
        sources: Tells which files there are.
        report: Collects errors, warnings and notes.
    """
    return node_dockerfile(shared_subject(image, NodeApp.default_base_image), sources, report)


def node_dockerfile(subject: ImageSubject, sources: ProjectFiles, report: Report) -> GeneratedDockerfile:
    """The Dockerfile of a Node project.

    Args:
        subject: What the image is for.
        sources: Tells which files there are.
        report: Collects errors, warnings and notes.
    """
    project = _project(subject, sources)
    has_package = "package.json" in project.folder.texts
    steps = [
        *first_stage(subject),
        *_packages(subject, project, report, runs_node=True),
        *(["RUN npm run build --if-present"] if has_package else []),
        *last_stage(subject, project, "NODE_ENV=production HOME=/tmp"),
    ]
    return project.dockerfile(subject, steps)


def vite_dockerfile(workload: ViteApp, sources: ProjectFiles, report: Report) -> GeneratedDockerfile:
    """The Dockerfile of an image with the built page behind nginx; Vite's own server is for development.

    Args:
        workload: The page.
        sources: Tells which files there are.
        report: Collects errors, warnings and notes.
    """
    args = page_arguments(workload)
    which = f"variables other than {listing(args)}" if args else "variables"
    is_rest_lost = any(variable.name not in args for variable in workload.environment)
    if workload.references or is_rest_lost or workload.env_files:
        report.warn(
            workload,
            f"its {which} are read by Vite's development server, and the built page has none",
            "Let the page ask for its own host, and send the paths of others there by an Ingress.",
        )
    subject = program_subject(workload)
    project = _project(subject, sources)
    port = plan_ports(workload)["http"].number
    steps = [
        *first_stage(subject),
        *_packages(subject, project, report, runs_node=False),
        *(f"ARG {name}" for name in args),
        "RUN npm run build",
        "",
        f"FROM {_WEB_SERVER}",
        f"RUN printf '%s' {shlex.quote(_WEB_SERVER_CONFIG % port)} > /etc/nginx/nginx.conf",
        f"COPY --from=build {project.workdir}/dist /srv",
        f"USER {USER}:{USER}",
        'ENTRYPOINT ["nginx", "-g", "daemon off;"]',
    ]
    return project.dockerfile(subject, steps)


def page_arguments(workload: ViteApp) -> dict[str, Value]:
    """The variables that a page is built with: those with addresses that people type, which are known by then."""
    variables = {variable.name: variable.value for variable in workload.environment}
    return {
        name: value
        for name, value in variables.items()
        if isinstance(value, Value) and not value.secret and has_public_address(value)
    }


def _project(subject: ImageSubject, sources: ProjectFiles) -> ImageProject:
    """The folders that the image of a Node program, or of a page, is made from."""
    return image_project(subject, sources, lambda folder: _lock(folder) is not None, ("package.json",))


def _packages(subject: ImageSubject, project: ImageProject, report: Report, *, runs_node: bool) -> list[str]:
    """Install the packages and copy the files; where the program is in a workspace, go to its folder."""
    lock = _lock(project.root)
    if lock is None:
        if "package.json" not in project.root.texts:
            return ["COPY . ."]
        warn_unlocked(subject, report, "package-lock.json")
        return ["COPY package.json ./", "RUN npm install", "COPY . ."]
    manager = manager_of_lock(project.root, lock)
    if runs_node:
        _warn_unfindable(subject, manager, report)
    install = f"RUN {_OBTAINED.get(manager.name, '')}{_install(manager)}"
    if project.steps == ".":
        return [f"COPY package.json {lock} ./", install, "COPY . ."]
    return ["COPY . .", install, f"WORKDIR {project.workdir}"]  # the members' package.json decide, too


def _install(manager: NodeManager) -> str:
    return " ".join(word for word in manager.install if word not in ("--no-audit", "--no-fund"))


def _lock(folder: ProjectFolder) -> str | None:
    try:
        return lock_file(folder)
    except StartError:  # a package.json that can't be read: the build says so
        return None


def _warn_unfindable(subject: ImageSubject, manager: NodeManager, report: Report) -> None:
    if manager.runs_node:
        report.warn(
            subject.resource,
            "yarn keeps its packages out of node_modules (Plug'n'Play), where its image's Node does not find them",
            "Write nodeLinker: node-modules into .yarnrc.yml, or write a Dockerfile.",
        )
