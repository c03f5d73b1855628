"""Images as arrays, from files, and in pairs with their masks."""
