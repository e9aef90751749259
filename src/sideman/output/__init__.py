"""What is written and never read: engraved pages, piano rolls, sound."""
