"""What a machine is to a node: its settings, its operating system, its log."""
