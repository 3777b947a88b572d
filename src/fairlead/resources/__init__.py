"""The kinds of resources that can be declared, a module per kind, on the contract that third-party packages use."""
