"""The files and the commands of charts of others that are releases of their own."""

from __future__ import annotations

from fairlead.publish.chart.chart import Chart, SeparateRelease

#: The folder, in what is published, of their values and of charts that are copied.
FOLDER = "releases"


def copied_files(chart: Chart) -> dict[str, str]:
    """The files of charts that are folders of the project, by their paths in what is published."""
    return {
        f"{FOLDER}/{release.alias}/{path}": text
        for release in chart.separate_releases
        for path, text in release.files.items()
    }


def values_path(release: SeparateRelease) -> str:
    """The file with the values of a release, below the published folder."""
    return f"{FOLDER}/{release.alias}.values.yaml"


def given_values_name(release: SeparateRelease) -> str:
    """The file that the user writes with the values that have to be given."""
    return f"{release.release}-values.yaml"


def release_commands(chart: Chart, folder: str, *, before: bool, with_given: bool) -> list[str]:
    """The commands that install the releases before the app, or those after it.

    Args:
        chart: The app's chart.
        folder: Where what is published is, as a shell takes it.
        before: Which of them.
        with_given: Whether values that have to be given come from a file of the user's.
    """
    return [
        release_command(release, folder, release.namespace, with_given=with_given)
        for release in chart.separate_releases
        if release.is_before == before
    ]


def release_command(release: SeparateRelease, folder: str, namespace: str | None, *, with_given: bool) -> str:
    """The command that installs or upgrades one release; one before the app is waited for.

    Args:
        release: The release.
        folder: Where what is published is, as a shell takes it.
        namespace: Its namespace; None for the one that helm takes by itself.
        with_given: Whether values that have to be given come from a file of the user's.
    """
    is_open = with_given and any(passed.required for passed in release.passed_parameters)
    words = [
        f"helm upgrade --install {release.release}",
        release.reference or f"{folder}/{FOLDER}/{release.alias}",
        *([f"--namespace {namespace} --create-namespace"] if namespace else []),
        f"--values {folder}/{values_path(release)}",
        *([f"--values {given_values_name(release)}"] if is_open else []),
        *(["--wait"] if release.is_before else []),
    ]
    return " ".join(words)
