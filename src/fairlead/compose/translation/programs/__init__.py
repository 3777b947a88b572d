"""What services run: images and builds, commands, variables, and how their health is asked for."""
