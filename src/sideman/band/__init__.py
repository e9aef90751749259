"""The rhythm section: each player is a function from changes to a part."""
