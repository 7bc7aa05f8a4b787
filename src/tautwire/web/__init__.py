"""The Web API: `AsyncWebClient` reaches every method by its name."""
