"""Build arguments with addresses that people type.

An image holds what it was built with, so the host must be known by then. It is known where the definition writes it,
and where it is a parameter, whose value ``build`` looks up.
"""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.model.composition.providers import provider_of
from fairlead.model.endpoints.endpoint import EndpointValue, has_public_address
from fairlead.model.values.conditional import Conditional
from fairlead.model.values.value import Encoded, Expression, Value, ValueLike
from fairlead.publish.access.public_routes import PublicRoute, public_route
from fairlead.publish.access.public_urls import host_of, route_code
from fairlead.publish.chart.image_build import ImageBuild
from fairlead.publish.chart.leaves import chart_values
from fairlead.publish.context import PlanningContext
from fairlead.records import replaced


def with_public_addresses(context: PlanningContext, build: ImageBuild) -> ImageBuild:
    """A build whose arguments have the addresses of routes in place of the endpoints that these lead to.

    Args:
        context: The chart in the making.
        build: How an image is built.
    """
    if not any(map(has_public_address, build.values())):
        return build
    addresses = _Addresses(context, build)
    return replaced(build, args=addresses.within(build.args), secrets=addresses.within(build.secrets))


class _Addresses:
    """Puts addresses into the arguments of one build."""

    def __init__(self, context: PlanningContext, build: ImageBuild) -> None:
        self._context = context
        self._build = build

    def within(self, given: Mapping[str, ValueLike]) -> dict[str, ValueLike]:
        """Arguments, of which those that name no host are left as they are, reported."""
        return {name: self._argument(name, value) for name, value in given.items()}

    def _argument(self, name: str, value: ValueLike) -> ValueLike:
        if not isinstance(value, Value) or not has_public_address(value):
            return value
        return self._replaced(value, name)

    def _replaced(self, value: Value, name: str) -> Value:
        if isinstance(value, EndpointValue):
            return self._address(value, name) if value.is_public else value
        if isinstance(value, Encoded):
            return Encoded(self._replaced(value.value, name))
        if isinstance(value, Conditional):
            condition, then, otherwise = (
                part if isinstance(part, str) else self._replaced(part, name)
                for part in (value.condition, value.then, value.otherwise)
            )
            assert isinstance(condition, Value)
            return Conditional(condition, value.matches, then, otherwise)
        parts = value.parts()
        if any(part is value for part in parts):
            return value
        return Expression("", tuple(part if isinstance(part, str) else self._replaced(part, name) for part in parts))

    def _address(self, value: EndpointValue, name: str) -> Value:
        """The address of the first route to an endpoint, as the definition has it."""
        endpoint = provider_of(value).endpoint(value.endpoint.spec.name)
        found = public_route(self._context, endpoint)
        if found is None:
            self._report(value, name)
            return value
        self._remark(found)
        whole = (f"{found.scheme}://", found.host, found.path.removesuffix("/"))
        return Expression("", (found.host,) if value.name == "public_host" else whole)

    def _remark(self, found: PublicRoute) -> None:
        """Say in values.yaml that an image does not follow when the host of its route is changed."""
        if found.environment is self._context.environment:
            host = host_of(self._context, found)
            for value in chart_values([host] if host is not None else []):
                remark = (
                    f"The image {self._build.resource} holds what it was built with: build it again for another one."
                )
                self._context.chart.values.remark(value, remark)

    def _report(self, value: EndpointValue, name: str) -> None:
        endpoint = provider_of(value).endpoint(value.endpoint.spec.name)
        self._context.report.error(
            self._context.app[self._build.resource],
            f"the build argument {name} needs {value.describe()}, and no route with a host name leads there, while an "
            "image holds what it was built with",
            f"Add one: {route_code(self._context, endpoint)}. Or let the program read the address when it starts, as a "
            "value of the chart can give it then: with_environment(), with_container_files().",
        )
