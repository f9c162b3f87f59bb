"""Conversations: the one front door, the journal, the turns."""
