"""The control API over a running app: reads snapshots, sends commands, decides nothing."""
