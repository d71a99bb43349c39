"""What scripts/test runs: the layers of the tests, side by side where that disturbs none, and the gates of coverage."""
