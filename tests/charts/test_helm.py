"""The judge of the charts: the real helm, and not one of ours."""

from __future__ import annotations

import subprocess
from pathlib import Path

CHART = """\
apiVersion: v2
name: probe
version: 0.1.0
"""
TEMPLATE = "greeting: {{ .Values.greeting | quote }}\n"


def test_helm_renders_a_chart(helm: Path, tmp_path: Path) -> None:
    """The helm that the chart tests get must render a template with the values given to it."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text(CHART)
    (tmp_path / "templates" / "greeting.yaml").write_text(TEMPLATE)

    rendered = subprocess.run(
        [helm, "template", "probe", tmp_path, "--set", "greeting=ahoy"], check=True, capture_output=True, text=True
    )

    assert 'greeting: "ahoy"' in rendered.stdout
