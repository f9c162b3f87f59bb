"""Where people ask without the panel of the server: this process as the host."""
