"""The Web API client."""
