"""The work of scripts/test: the layers of the tests, side by side unless that disturbs one, and the gates of coverage."""
