"""What is looked at when somebody asks whether all is well: `duly doctor`, and the console."""
