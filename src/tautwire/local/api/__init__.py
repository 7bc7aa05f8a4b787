"""The Web API: reading a call, judging its token, and one function for each method."""
