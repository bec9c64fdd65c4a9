"""How fast Duly is on this machine, against floors that were written for the comparison."""
