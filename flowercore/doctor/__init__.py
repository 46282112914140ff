"""Whether this machine is ready for a room: a row of checks, each with what to do."""
