"""The service's hand in a kernel: over its control channel, or directly in this process."""
