"""The ten promises of the design, one module each. What a promise says is what its tests attack."""
