"""The files of the app's folder that go into what is published."""
