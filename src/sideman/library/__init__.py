"""The tunes and solos of the package, and readers for a user's charts and corpora."""
