"""Posts each Notice of the cluster: writes its line into a ConfigMap that belongs to it, and says so in its status."""

from __future__ import annotations

import logging
from typing import Any

import kopf
from lightkube import AsyncClient
from lightkube.resources.core_v1 import ConfigMap

NOTICES = ("harbour.example.com", "v1", "notices")
LABEL = "harbour.example.com/notice"

for requests in ("aiohttp.access", "httpx2"):  # a line for each look at the health, and for each change
    logging.getLogger(requests).setLevel(logging.WARNING)


@kopf.on.startup()
async def connect(memo: kopf.Memo, settings: kopf.OperatorSettings, **_: Any) -> None:
    settings.posting.level = 30  # warnings and errors become Events of the Notice
    memo.client = AsyncClient(field_manager="notice-operator")  # to the cluster that KUBECONFIG names


@kopf.on.cleanup()
async def disconnect(memo: kopf.Memo, **_: Any) -> None:
    await memo.client.close()


@kopf.on.resume(*NOTICES)
@kopf.on.create(*NOTICES)
@kopf.on.update(*NOTICES, field="spec")
async def post(name: str, body: kopf.Body, patch: kopf.Patch, memo: kopf.Memo, **_: Any) -> None:
    page = {"metadata": {"name": f"notice-{name}", "labels": {LABEL: name}}, "data": {"line": line(body.spec)}}
    kopf.adopt(page)  # it goes with its Notice
    await memo.client.apply(ConfigMap.from_dict(page))
    patch.status.update(phase="Posted", observedGeneration=body.metadata["generation"])


def line(spec: kopf.Spec) -> str:
    """What is on the board."""
    return f"URGENT: {spec['text']}" if spec.get("urgent") else str(spec["text"])
