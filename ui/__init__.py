"""What the pages share: cached loaders, widgets, the entrypoint guard."""
