"""The lab: the sample book, its people, the demo and the drill."""
