"""The tunes and solos that come with sideman, and what a user brings: charts and corpora."""
