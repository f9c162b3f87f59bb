"""The figures of the README, each beside a floor or a peer taken in the same run."""
