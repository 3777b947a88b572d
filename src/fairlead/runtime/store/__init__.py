"""What Fairlead keeps on this machine: folders, files, ports, secrets, settings, and which app runs."""
