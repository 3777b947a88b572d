"""From the files that a Compose user has to one tree: YAML, variables, ``extends``, ``include``, overrides."""
