"""What lives in the user's kernel. Standard library only, Python 3.10 grammar: imported, or shipped as source."""

WIRE_VERSION = 2
"""The version of the kernel messages. A kernel whose package speaks another one gets the source shipped."""
