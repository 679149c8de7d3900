"""What the project knows without any library: places, numbers, SMS text, states, clock, errors."""
