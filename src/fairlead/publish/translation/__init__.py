"""From the model's values to the leaves of a chart."""
