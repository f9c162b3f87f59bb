"""People who answer in the assistant's place: who asked for one, who has come, and what they say."""
