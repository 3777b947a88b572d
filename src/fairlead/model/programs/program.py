"""Which program runs, as a job or all the time, how it is stopped, and what happens when it ends by itself."""

from __future__ import annotations

from math import isfinite
from signal import Signals
from typing import Literal, Self, get_args

from fairlead.model.argument_checks import MAX_NUMBER, kind_of
from fairlead.model.kubernetes.workload_options import KubernetesWorkload
from fairlead.model.locations import mistake
from fairlead.model.names import listing, with_article
from fairlead.records import record

RestartPolicy = Literal["no", "on-failure", "always"]
#: The signals that programs understand as a request to end; the same on every system, unlike what ``signal`` lists.
STOP_SIGNALS = ("SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGKILL")
#: How often a program is started again, at most, whose completion another resource waits for.
COMPLETION_RESTARTS = 5


@record
class JobProgram:
    """What a job runs in place of its program's own command; nothing of it for the same command.

    Args:
        command: A program: of a container or an executable its whole command, of a Python app one of its packages'.
        script: A file of its folder.
        module: A module, as ``python -m`` runs it.
    """

    command: str | None = None
    script: str | None = None
    module: str | None = None

    def refuse(self, name: str, kind: str, *words: str) -> None:
        """Report the ways to name a program that a kind does not know.

        Args:
            name: The job.
            kind: The kind of its program.
            *words: The ways that it does not know.
        """
        for word in words:
            if getattr(self, word) is not None:
                mistake(
                    f"{word}= can't be given to a job of {with_article(kind)}",
                    resource=name,
                    remedy="Name its program by command=, and give the rest as args=[…].",
                )


class Program(KubernetesWorkload):
    """A resource that runs a program, which is stopped somehow and may be started again."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        #: The signal that asks it to end, such as ``SIGINT``; None leaves it to the kind, or to its image.
        self.stop_signal: str | None = None
        #: Seconds between that signal and SIGKILL; None leaves it to the kind.
        self.stop_timeout: float | None = None
        self.restart: RestartPolicy = "no"
        #: How often it is started again at most; None where the definition doesn't say.
        self.max_restarts: int | None = None
        #: Whether it runs once each time that the user asks for it, and never by itself.
        self.is_job = False

    def as_job(self) -> Self:
        """Run it only when it is asked for, to its end, as often as that is.

        ``fairlead run-job NAME -- ARGUMENT…`` runs it, with more arguments. In a chart it is a suspended CronJob, from
        which the same command makes a Job: ``fairlead run-job NAME --context CONTEXT --namespace NAMESPACE``.
        """
        self._declare("as_job")
        self.is_job = self.explicit_start = True
        return self

    def with_stop_signal(self, signal: str | Signals) -> Self:
        """Ask it to end by another signal than its kind's or its image's.

        Args:
            signal: Such as ``"SIGINT"``, ``"INT"`` or ``signal.SIGINT``.
        """
        self._declare("with_stop_signal")
        name = _signal_name(signal)
        if name in STOP_SIGNALS:
            self.stop_signal = name
        else:
            mistake(
                f"with_stop_signal() got {repr(signal) if isinstance(signal, str) else kind_of(signal)} as signal",
                resource=self.name,
                remedy=f"Use one of {listing(STOP_SIGNALS)}.",
            )
        return self

    def with_stop_timeout(self, seconds: float) -> Self:
        """Give it time to end after its stop signal. Published as ``terminationGracePeriodSeconds``, rounded up.

        Args:
            seconds: How long; then it is killed.
        """
        self._declare("with_stop_timeout")
        is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
        if is_number and isfinite(seconds) and 0 < seconds <= MAX_NUMBER:
            self.stop_timeout = float(seconds)
        else:
            mistake(
                f"with_stop_timeout() needs a number as seconds, not {seconds if is_number else kind_of(seconds)}",
                resource=self.name,
                remedy=f"Give more than 0, and {MAX_NUMBER} or less.",
            )
        return self

    def with_restart(self, policy: RestartPolicy, *, max_restarts: int | None = None) -> Self:
        """Start it again when it ends by itself, after a pause of 1 second that doubles each time, up to 60.

        Args:
            policy: ``no`` (the default), ``on-failure`` (it ended with another exit code than 0) or ``always``.
            max_restarts: How often at most. By default 5 for what another resource waits to see complete, and without
                limit for anything else.
        """
        self._declare("with_restart")
        valid = self._one_of("with_restart", "policy", policy, get_args(RestartPolicy))
        if max_restarts is not None:
            valid &= self._number("with_restart", "max_restarts", max_restarts, 0)
        if valid and policy == "no" and max_restarts:
            mistake(
                f'with_restart("no", max_restarts={max_restarts}) says both',
                resource=self.name,
                remedy='Say when it is started again: with_restart("on-failure", …).',
            )
        elif valid:
            self.restart, self.max_restarts = policy, 0 if policy == "no" else max_restarts
        return self

    def _finish(self) -> None:
        """Report what a job can't have."""
        super()._finish()
        if self.is_job and self.workload_kind is not None:
            mistake(
                f"it is a job, which runs when asked for, and with_workload({self.workload_kind!r}) says otherwise",
                resource=self.name,
                remedy="Take one of them out.",
            )
        if self.is_job and self.restart == "always":
            mistake(
                'it is a job, which runs once each time, and with_restart("always") says otherwise',
                resource=self.name,
                remedy='Take it out, or write with_restart("on-failure", max_restarts=…).',
            )


def _signal_name(signal: object) -> str:
    """The name of a signal with its SIG; anything else gives a text that names none."""
    if isinstance(signal, Signals):
        return signal.name
    if not isinstance(signal, str):
        return ""
    name = signal.strip().upper()
    return name if name.startswith("SIG") else f"SIG{name}"
