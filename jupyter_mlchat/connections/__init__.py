"""One front end's line to the service, whatever carries it: a socket, a cell's channel, a view through its kernel."""
