"""From raw rows to entries: what a row says, typed, or every reason why it says nothing usable."""
