"""What keeps surges and faults from circuits."""
