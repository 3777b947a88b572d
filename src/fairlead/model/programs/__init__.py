"""Resources that run a program: its image, environment, volumes, checks and end, and the jobs that take it over."""
