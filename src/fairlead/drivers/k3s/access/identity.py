"""Kubeconfigs with the rights of a ServiceAccount, for consumers that are not to have all of them.

The account often comes with a release or a manifest, so it may be created long after the cluster is up. Its token ends
with it, and by itself after a while; either way the consumer gets another one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from fairlead.drivers.k3s.following import FollowedObjects
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.engines.kube import Object, ObjectKind, ObjectRef, Token
from fairlead.engines.kube.kubeconfig import with_token
from fairlead.errors import EngineError
from fairlead.model.endpoints.consumer import Network

TOKEN_SECONDS: Final = 30 * 24 * 3600.0
"""How long a token is asked to be good for: programs read their kubeconfig once, and may run as long as the host."""
_LOOK_SECONDS: Final = 60.0
"""How often the clock is looked at, which goes on while the machine sleeps."""
_RETRY_SECONDS: Final = 1.0
_ACCOUNT: Final = ObjectKind("v1", "ServiceAccount")

Deliver = Callable[[Mapping[str, Any]], Awaitable[None]]


def account_ref(account: str) -> ObjectRef:
    """The ServiceAccount that ``namespace/name`` means."""
    namespace, _, name = account.partition("/")
    return ObjectRef(_ACCOUNT, name, namespace)


def renewal_time(token: Token, issued_at: float) -> float:
    """When a token has to be renewed: after four fifths of its time, in seconds since the epoch.

    Args:
        token: The token.
        issued_at: When it was issued, in seconds since the epoch.
    """
    return issued_at + 0.8 * (token.expires_at - issued_at)


async def keep_scoped_kubeconfig(
    link: ClusterLink, account: str, network: Network, deliver: Deliver, log: Callable[[str], None]
) -> None:
    """Deliver a kubeconfig once the account is there, and another whenever its token ends, until cancelled.

    Args:
        link: The cluster.
        account: ``namespace/name`` of the ServiceAccount.
        network: Where the kubeconfig is used.
        deliver: Gets each kubeconfig.
        log: Told what it waits for, and what goes wrong.
    """
    keeper = _Keeper(link, account_ref(account), network, deliver, log)
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.accounts.follow())
        await keeper.keep()


class _Keeper:
    """Keeps one kubeconfig good."""

    def __init__(
        self, link: ClusterLink, ref: ObjectRef, network: Network, deliver: Deliver, log: Callable[[str], None]
    ) -> None:
        self._link = link
        self._ref = ref
        self._network = network
        self._deliver = deliver
        self._log = log
        self._changed = asyncio.Event()
        self._problem = ""
        self._uid = ""
        self._renew_at = 0.0
        self.accounts = FollowedObjects(link.api, _ACCOUNT, str(ref.namespace), self._changed.set)

    async def keep(self) -> None:
        """Renew the kubeconfig whenever it has to be."""
        while True:
            self._changed.clear()
            account = self.accounts.by_name.get(self._ref.name)
            if self.accounts.is_known and account is None:
                self._note(f"The {self._ref} is not there yet; what has its rights waits for it")
            elif account is not None and self._is_due(account):
                await self._renew(account)
            await self._wait(_RETRY_SECONDS if self._is_due(account) else _LOOK_SECONDS)

    def _is_due(self, account: Object | None) -> bool:
        return account is not None and (account["metadata"]["uid"] != self._uid or time.time() >= self._renew_at)

    async def _renew(self, account: Object) -> None:
        issued_at = time.time()
        try:
            token = await self._link.api.create_token(self._ref, seconds=TOKEN_SECONDS)
        except EngineError as error:
            self._note(f"No token for the {self._ref}: {error.message}")
            return
        admin = self._link.kubeconfigs[self._network]
        await self._deliver(with_token(admin, token.text, namespace=self._ref.namespace))
        self._uid, self._renew_at = account["metadata"]["uid"], renewal_time(token, issued_at)
        self._problem = ""

    def _note(self, problem: str) -> None:
        """Log a problem once, as long as it is the same."""
        if problem != self._problem:
            self._log(problem)
        self._problem = problem

    async def _wait(self, seconds: float) -> None:
        """Wait for a change, but not longer than this or until the token has to be renewed."""
        left = self._renew_at - time.time()
        try:
            async with asyncio.timeout(min(seconds, left) if left > 0 else seconds):
                await self._changed.wait()
        except TimeoutError:
            pass
