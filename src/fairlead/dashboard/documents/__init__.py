"""Documents: what the control API answers, where that is not an object of the runtime."""
