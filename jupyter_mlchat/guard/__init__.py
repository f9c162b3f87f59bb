"""Who may do what, how much of it, and what may leave."""
