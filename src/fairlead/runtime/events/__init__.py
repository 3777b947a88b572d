"""Events: what happened to each resource of a run, with the time of the clock."""
