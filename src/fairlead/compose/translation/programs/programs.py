"""What a service runs: its image or what that is built from, and its command."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field

from fairlead.compose.reading.interpolation import Part, Variable
from fairlead.compose.reading.merging import as_build
from fairlead.compose.reading.tree import Entries, Node, Scalar
from fairlead.compose.translation.endpoints.addresses import PublicAddresses
from fairlead.compose.translation.known_images import ENTRYPOINT, OPTION_TAKERS, image_word
from fairlead.compose.translation.naming import Names, resource_name
from fairlead.compose.translation.plans import ImagePlan, ServicePlan
from fairlead.compose.translation.programs.commands import Word, command_words, fixed_word, later_word
from fairlead.compose.translation.programs.environment import variable_value
from fairlead.compose.translation.programs.shell_lines import line
from fairlead.compose.translation.section import Section
from fairlead.compose.writing.expressions import Expression, called, literal, mapping, name, text
from fairlead.compose.writing.layout import on_one_line
from fairlead.model.names import is_image
from fairlead.model.programs.image import is_secret_id
from fairlead.model.values.env_file import names_secret

_HOW = "how an image is built beyond its Dockerfile, stage, arguments and secrets is the engine's business"
_BUILD_LOST = {
    "ssh": "a build gets no SSH agent; give it a key with build_secrets=",
    "labels": "labels of an image belong into its Dockerfile: LABEL",
    "tags": "an image has one name, which a chart takes from its resource",
    "platforms": "an image is built for the platform of with_platform()",
    "additional_contexts": "a build has one context; move the folder into it, or name an image in FROM",
    "network": "a build uses the engine's default network",
    "extra_hosts": "a build knows no hosts of its own",
    "dockerfile_inline": "write it into a file, and name that with dockerfile=",
    **dict.fromkeys(("cache_from", "cache_to", "no_cache", "pull", "shm_size", "isolation"), _HOW),
    **dict.fromkeys(("privileged", "entitlements", "ulimits", "no_cache_filter", "provenance", "sbom"), _HOW),
}


@dataclass(slots=True)
class BuildPlan:
    """How the image of a service is built: the arguments of ``add_dockerfile`` behind the name."""

    context: Expression
    keywords: list[tuple[str, Expression]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The same text for the same build."""
        return on_one_line(called("", [("", self.context), *self.keywords]))


class Programs:
    """Decides what adds each service to the app.

    Args:
        addresses: The addresses that people type, for build arguments.
        names: The names of resources.
    """

    def __init__(self, addresses: PublicAddresses, names: Names) -> None:
        self._addresses = addresses
        self._names = names
        self.images: dict[str, ImagePlan] = {}

    def add(self, plans: list[ServicePlan]) -> None:
        """Give each service its start; those with the same build share an image."""
        builds = {plan.service: self._build(plan) for plan in plans}
        tags = {plan.service: self._tag(plan) for plan in plans}
        built = {tag: builds[service] for service, tag in tags.items() if tag and builds[service] is not None}
        for plan in plans:
            builds[plan.service] = builds[plan.service] or built.get(tags[plan.service])
        keys = [build.key for build in builds.values() if build is not None]
        for plan in plans:
            build = builds[plan.service]
            if build is None:
                plan.start = self._container(plan)
            elif keys.count(build.key) > 1:
                image = self._image(plan, build, tags[plan.service])
                plan.start = called("app.add_container", [("", literal(plan.name)), ("", name(image.variable))])
            else:
                parts = [("", literal(plan.name)), ("", build.context), *build.keywords]
                plan.start = called("app.add_dockerfile", parts)
            if build is not None:
                reason = "the image that is built is called after its resource"
                plan.section.unneeded("image", reason)

    def _tag(self, plan: ServicePlan) -> str:
        """The image that a service names, with its variables filled in; empty for none."""
        node = plan.section.node.entries.get("image")
        return plan.section.desk.peek(node) if isinstance(node, Scalar) else ""

    def _image(self, plan: ServicePlan, build: BuildPlan, tag: str) -> ImagePlan:
        known = self.images.get(build.key)
        if known is None:
            wanted = resource_name(image_word(tag) or plan.name, "image")
            resource = self._names.resource(f"{wanted}-image" if self._names.has(wanted) else wanted, "image")
            variable = plan.section.desk.variables.python.add(resource.replace("-", "_").lower())
            parts = [("", literal(resource)), ("", build.context), *build.keywords]
            known = ImagePlan(variable, called("app.add_image", parts), f"{plan.section.path}.build")
            self.images[build.key] = known
        return known

    def _container(self, plan: ServicePlan) -> Expression:
        section = plan.section
        node = section.scalar("image")
        image: Expression = text(plan.name)
        if node is not None:
            known = len(section.desk.mistakes.found)
            word, image = section.desk.peek(node), section.desk.fixed(node)
            if not is_image(word) and len(section.desk.mistakes.found) == known:
                empty = "is empty, as its variables have no value" if not word else f"is {word!r}, which names none"
                section.desk.mistakes.add(
                    f"the image of {plan.service!r} {empty}",
                    node.place,
                    "Write [registry/]repository[:tag]; values of variables come from .env or --env-file.",
                )
        elif "build" not in section and "provider" not in section:
            section.desk.mistakes.add(
                f"the service {plan.service!r} has neither 'image' nor 'build'",
                section.node.place,
                "Give it one of them.",
            )
        return called("app.add_container", [("", literal(plan.name)), ("", image)])

    def _build(self, plan: ServicePlan) -> BuildPlan | None:
        section = plan.section
        node = section.take("build")
        long = as_build(node) if node is not None else None
        if long is None:
            if node is not None:
                section.desk.mistakes.wrong_kind(section.at("build"), node, "a folder, or a mapping with 'context'")
            return None
        return self._long_build(plan, Section(long, section.at("build"), section.desk))

    def _long_build(self, plan: ServicePlan, build: Section) -> BuildPlan | None:
        desk = build.desk
        context = build.scalar("context")
        where = "" if context is None else desk.peek(context)
        here = text(build.node.scope.directory)
        found = BuildPlan(desk.path(context, build.at("context")) if context is not None and where.strip() else here)
        dockerfile, target = build.scalar("dockerfile"), build.scalar("target")
        if dockerfile is not None and desk.peek(dockerfile).strip() not in ("", "Dockerfile"):
            found.keywords.append(("dockerfile", desk.fixed(dockerfile)))
        if target is not None and desk.peek(target).strip():
            found.keywords.append(("target", desk.fixed(target)))
        if arguments := self._arguments(plan, build):
            found.keywords.append(("build_args", mapping(arguments)))
        if secrets := self._secrets(build):
            found.keywords.append(("build_secrets", mapping(secrets)))
        for key, reason in _BUILD_LOST.items():
            build.lost(key, reason)
        build.close()
        if "://" in where or where.startswith("git@"):
            desk.report.lost(
                build.path, build.node.place, "an image is built from a folder; clone the repository first"
            )
            return None
        return found

    def _arguments(self, plan: ServicePlan, build: Section) -> list[tuple[str, Expression]]:
        found: list[tuple[str, Expression]] = []
        for pair in build.pairs("args"):
            if names_secret(pair.name, build.desk.peek(pair.node)):
                reason = "a secret argument stays in the image; give it with build_secrets="
                build.desk.report.lost(pair.path, pair.node.place, reason)
            elif not pair.name or "\0" in pair.name or "=" in pair.name:
                build.desk.report.lost(pair.path, pair.node.place, "nothing can be called so")
            else:
                found.append((pair.name, variable_value(pair, plan.service, build, self._addresses)))
        return found

    def _secrets(self, build: Section) -> list[tuple[str, Expression]]:
        found: list[tuple[str, Expression]] = []
        for path, node in build.items("secrets"):
            source: Node | None = node
            wanted = ""
            if isinstance(node, Entries):
                long = Section(node, path, build.desk)
                source = long.scalar("source")
                wanted = long.text("target") or ""
                for owner in ("uid", "gid", "mode"):
                    long.lost(owner, "a build finds its secrets as files of its own user")
                long.close()
            if source is None:
                build.desk.report.lost(path, node.place, "it names no secret")
                continue
            if not isinstance(source, Scalar):
                build.desk.mistakes.wrong_kind(path, node, "the name of a secret, or a mapping with 'source'")
                continue
            secret = build.desk.peek(source)
            key = posixpath.basename(wanted) or secret
            if not is_secret_id(key):
                build.desk.report.lost(path, source.place, f"{key!r} can't be the id of a build secret")
                continue
            plan = build.desk.variables.build_secret(secret)
            reason = "its value is a parameter: --parameter NAME=@FILE gives one from a file"
            build.desk.report.changed(path, source.place, reason)
            found.append((key, name(plan.variable)))
        return found


def add_command(plan: ServicePlan) -> None:
    """Give a service its command and its entrypoint."""
    section = plan.section
    entrypoint, command = _words(section, "entrypoint"), _words(section, "command")
    if entrypoint == []:
        section.lost("entrypoint", "an empty entrypoint can't be said; name the program with with_entrypoint()")
    if command == []:
        section.unneeded("command", "an empty command is that of the image")
    if any(_is_secret(plan, word) for word in [*(entrypoint or []), *(command or [])]):
        _add_shell(plan, entrypoint or [], command or [])
        return
    if entrypoint:
        words = [fixed_word(word, section.desk) for word in entrypoint]
        plan.call("with_entrypoint", *words, origin=section.at("entrypoint"), key="entrypoint")
    if command:
        words = [later_word(word, section.desk) for word in command]
        plan.call("with_args", *words, origin=section.at("command"), key="command")


def _words(section: Section, key: str) -> list[Word] | None:
    """The words of a command, of which one empty text has none."""
    node = section.take(key)
    words = None if node is None else command_words(node, section.at(key), section.desk)
    return [] if words is not None and not any(parts for parts, _ in words[:1]) else words


def _is_secret(plan: ServicePlan, word: Word) -> bool:
    parts, node = word
    book = plan.section.desk.variables
    return any(isinstance(part, Variable) and book.is_secret(part, node.scope) for part in parts)


def _starter(section: Section) -> str | None:
    """The program of a well-known image; None for any other."""
    image = section.node.entries.get("image")
    return OPTION_TAKERS.get(image_word(section.desk.peek(image))) if isinstance(image, Scalar) else None


def _add_shell(plan: ServicePlan, entrypoint: list[Word], command: list[Word]) -> None:
    """Let a shell run a command with secrets; the entrypoint of an image passes on what it is given, as usual."""
    section = plan.section
    origin = section.at("command" if command else "entrypoint")
    words: list[tuple[Sequence[Part], Scalar]] = [*entrypoint, *command]
    starter = _starter(section) if not entrypoint else None
    first = words[0][0][0]
    if isinstance(first, str) and first.startswith("-"):
        if starter is None:
            reason = "it begins with an option and has a secret; let the program read that from a variable or file"
            section.lost(origin.rpartition(".")[2], reason)
            return
        words.insert(0, ((starter,), words[0][1]))
    if starter is not None:
        words.insert(0, ((ENTRYPOINT,), words[0][1]))
    run = line(plan, [(("exec",), words[0][1]), *words], origin, is_quoted=False)
    if entrypoint:
        plan.call("with_entrypoint", literal("/bin/sh"), literal("-c"), origin=section.at("entrypoint"))
        plan.call("with_args", run, origin=origin)
    else:
        plan.call("with_args", literal("sh"), literal("-c"), run, origin=origin)
