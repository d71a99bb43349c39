"""What every room of the embedded broker stands on."""
