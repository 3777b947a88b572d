"""Why something in a cluster is not as it should be: objects and events -> one sentence, with a remedy if there is one.

Pure functions, told by the objects' own status; they read the kubelet's and the scheduler's messages, which have no
other form than text, and pass on what they don't know.
"""

from fairlead.drivers.k3s.reasons.node import reason_of_node
from fairlead.drivers.k3s.reasons.pod import reason_of_pod

__all__ = ["reason_of_node", "reason_of_pod"]
