"""What the containers of pods find in their file systems: volumes, and files that a ConfigMap or Secret brings."""
