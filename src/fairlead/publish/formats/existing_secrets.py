"""Secrets that the user made, which take the place of the chart's own."""

from __future__ import annotations

from fairlead.publish.chart.values_yaml import ValuesKey
from fairlead.publish.formats.go_templates import pipeline


def given_elsewhere(key: ValuesKey) -> str | None:
    """A Go expression: whether every user of a value reads an existing Secret instead; None if some user never can."""
    secrets = dict.fromkeys(pipeline(use.unless) if use.unless else None for use in key.uses)
    return None if None in secrets else f"and {' '.join(f'({secret})' for secret in secrets)}"
