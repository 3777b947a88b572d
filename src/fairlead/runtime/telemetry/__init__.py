"""Where resources of a run send their telemetry, and how they are told; receiving it is the dashboard's."""
