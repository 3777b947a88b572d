"""The named templates of a chart for what its objects have alike: their labels, and what their pods may do.

Whether an object has just that is seen in the finished object, so what a definition changed is written out where it
stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.common_metadata import common_annotations, common_labels
from fairlead.publish.chart.labels import NAME, object_labels, shared_labels
from fairlead.publish.chart.leaves import ChartValue, Part
from fairlead.publish.chart.open_mapping import OpenMapping
from fairlead.publish.formats.go_templates import argument, constant, pipeline, term
from fairlead.publish.formats.open_mappings import OpenMappings
from fairlead.publish.formats.yaml import Raw, Spread

#: Writes a mapping as a template.
Write = Callable[[dict[str, Any]], str]


class SharedMetadata:
    """The labels and annotations of the objects of one chart.

    Args:
        chart: The chart. Its name is the template's, too, as all charts of a release know each other's templates.
    """

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._name = f"{chart.name}.metadata"
        self._labels = shared_labels(chart)
        self._is_used = False

    def included(self, metadata: dict[str, Any], written: Callable[[ChartValue | Part], str]) -> dict[str, Any] | None:
        """The metadata of an object with the template in place of labels and annotations.

        Args:
            metadata: The metadata.
            written: Writes a mapping of the user's, as a part of the object's template.

        Returns:
            None where it has labels or annotations of its own.
        """
        labels, annotations = metadata.get("labels"), metadata.get("annotations")
        if type(labels) is not OpenMapping or type(annotations) is not OpenMapping or annotations:
            return None
        name = labels.get(NAME)
        if name is None or labels != {NAME: name, **self._labels}:
            return None
        if len(labels.changes) > 1 or len(annotations.changes) > 2:
            return None
        own = "".join(argument(written(changes)) for changes in annotations.changes[1:])
        include = self.include(".", term(name), own)
        kept = {key: entry for key, entry in metadata.items() if key not in ("labels", "annotations")}
        return {**kept, "": Spread(lambda column: (f"{{{{- {include} | nindent {column} }}}}",))}

    def include(self, context: str, name: str, annotations: str) -> str:
        """The pipeline that includes the template.

        Args:
            context: What the including template was given.
            name: The name that an object has in its labels.
            annotations: The user's annotations for this object alone; empty for none.
        """
        self._is_used = True
        own = f' "annotations" {annotations}' if annotations else ""
        return f'include {constant(self._name)} (dict "context" {context} "name" {name}{own})'

    def definition(self, write: Write) -> str:
        """The template; empty where no object includes it.

        Args:
            write: Writes a mapping as a template.
        """
        if not self._is_used:
            return ""
        labels = object_labels(self._chart, Raw("{{ $.name | quote }}"))
        annotations = f"merge (deepCopy ($.annotations | default dict)) ({pipeline(common_annotations(self._chart))})"
        return _define(
            self._name,
            "The labels of an object, and the annotations that the user gives all objects or this one.",
            f"{write({'labels': OpenMapping(labels, common_labels(self._chart), fixed=True)})}"
            f"{{{{- with {annotations} }}}}\nannotations:\n  {{{{- toYaml . | nindent 2 }}}}\n{{{{- end }}}}\n",
        )


class SharedContexts:
    """The security contexts of one chart, each as it was met first.

    Args:
        chart: The chart.
    """

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._first: dict[str, OpenMapping] = {}

    def included(self, context: OpenMapping, pod: str) -> Spread | None:
        """What includes the template of a security context.

        Args:
            context: The security context.
            pod: What the user may set of its pod, as a part of the object's template.

        Returns:
            None for a context that no other has.
        """
        name = context.shared_as
        if name is None or self._first.setdefault(name, context) != context:
            return None
        include = f'include {constant(self._template(name))} (dict "context" . "pod" {argument(pod)})'
        return Spread(lambda column: (f"{{{{- {include} | trim | nindent {column} }}}}",))

    def definitions(self, write: Write) -> str:
        """The templates.

        Args:
            write: Writes a mapping as a template.
        """
        mappings = OpenMappings(lambda _: "$.pod")
        return "".join(
            _define(
                self._template(name),
                "A security context, which the user can change for each pod.",
                write(mappings.entries(context)),
            )
            for name, context in self._first.items()
        )

    def _template(self, name: str) -> str:
        return f"{self._chart.name}.security.{name}"


def _define(name: str, comment: str, content: str) -> str:
    """A template whose argument has what templates are given as ``context``, and further entries."""
    return (
        f"{{{{- /* {comment} */ -}}}}\n"
        f"{{{{- define {constant(name)} -}}}}\n"
        f"{{{{- with .context -}}}}\n{content}{{{{- end -}}}}\n"
        "{{- end -}}\n"
    )
