"""What people and programs ask in their own words: a part, a value, a bill of materials."""
