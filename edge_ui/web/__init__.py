"""The plain pages of a node: server-rendered, work without JavaScript, load nothing from elsewhere."""
