"""Nothing of a run outlives its host: the watchdog, a program of its own, with what it loads, and the host's side."""
