"""Which environments an app is published to."""

from __future__ import annotations

from fairlead.errors import UsageError
from fairlead.model.app import App
from fairlead.model.locations import NOWHERE
from fairlead.model.names import listing, nearest, normal_form
from fairlead.publish.chart.chart import MAX_RELEASE
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.names import cut, object_name
from fairlead.publish.chart.properties import default_text
from fairlead.resources.kubernetes import KubernetesEnvironment


def declared_or_default_environments(app: App, report: Report) -> list[KubernetesEnvironment]:
    """The environments of an app; one named after it where the definition declares none."""
    declared = declared_environments(app)
    if declared:
        _check_releases(app, declared, report)
        return declared
    report.note(
        None,
        f"no environment is declared, so the app is published for one called {app.name!r}",
        'Declare it to set its properties: app.add_kubernetes_environment("k8s").',
    )
    implied = KubernetesEnvironment(app.name)
    implied.where = NOWHERE
    return [implied]


def declared_environments(app: App) -> list[KubernetesEnvironment]:
    """The environments that a definition declares."""
    return [resource for resource in app if isinstance(resource, KubernetesEnvironment)]


def _check_releases(app: App, declared: list[KubernetesEnvironment], report: Report) -> None:
    """Report environments with the same release and namespace.

    Helm would remove the first one's objects to install the second.
    """
    seen: dict[tuple[str, str | None], KubernetesEnvironment] = {}
    for environment in declared:
        release = default_text(environment.properties.release_name) or release_name(app, environment, declared)
        namespace = default_text(environment.properties.namespace)
        first = seen.setdefault((release, namespace), environment)
        if first is not environment:
            report.error(
                environment,
                f"its release would be {release!r}{f' in {namespace!r}' if namespace else ''}, like that of "
                f"{first.name!r} at {first.where}",
                "Give one of them another release_name or namespace: with_properties(…).",
            )


def release_name(app: App, environment: KubernetesEnvironment, declared: list[KubernetesEnvironment]) -> str:
    """The release of an environment that does not name one: after the app, and itself where it is not the only one."""
    if len(declared) > 1:
        return cut(f"{normal_form(app.name)}-{normal_form(environment.name)}", MAX_RELEASE)
    return object_name(app.name)[:MAX_RELEASE].rstrip("-")


def select_environments(known: list[KubernetesEnvironment], target: str | None) -> list[KubernetesEnvironment]:
    """The environments to publish for.

    Args:
        known: All environments.
        target: The name of one of them; None for all.

    Raises:
        UsageError: None is called so.
    """
    if target is None:
        return known
    found = [environment for environment in known if environment.name.lower() == target.lower()]
    if not found:
        names = [environment.name for environment in known]
        guess = nearest(target, names)
        raise UsageError(
            f"there is no environment {target!r}.",
            remedy=f"Did you mean {guess!r}?" if guess else f"There are {listing(names)}.",
        )
    return found
