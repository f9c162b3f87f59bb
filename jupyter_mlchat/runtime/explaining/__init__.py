"""Why a model says what it says, and what would change it."""
