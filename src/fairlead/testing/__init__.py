"""Run an app inside a test, and fakes to test kinds of resources with."""

from fairlead.testing.memory import InMemory as InMemory
from fairlead.testing.memory import InMemoryDriver as InMemoryDriver
from fairlead.testing.running import Running as Running
from fairlead.testing.running import testing as testing
