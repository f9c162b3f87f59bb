"""What crosses a wire to people: commands up, events down, the records inside them, and faults."""
