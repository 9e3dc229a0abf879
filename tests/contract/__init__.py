"""Hold the running system against the description of the API, with requests that Schemathesis makes up."""
