"""A package, unlike its neighbours: its browser and server end with its last test, not with the whole run."""
